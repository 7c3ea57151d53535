"""The kernels of every instruction set that this machine has."""

from __future__ import annotations

from nerture.core.errors import SettingError
from nerture.core.kernels.dense import LEVELS, Dense


def levels_here():
    found = []
    for name in LEVELS:
        try:
            found.append(Dense(name))
        except SettingError:
            continue
    return found


HERE = levels_here()
