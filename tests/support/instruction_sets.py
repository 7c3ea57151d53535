"""The kernels of every instruction set that this machine supports."""

from __future__ import annotations

from nerture.core.errors import SettingError
from nerture.core.kernels.dense import INSTRUCTION_SETS, Dense


def find_supported():
    kernels = []
    for name in INSTRUCTION_SETS:
        try:
            kernels.append(Dense(name))
        except SettingError:
            continue
    return kernels


SUPPORTED = find_supported()
