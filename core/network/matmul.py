"""The matrix products of the network: float32 by the kernels of ``dense``, float64 by numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

from nerture.core.kernels.dense import DENSE

Array = Any  # a float32 or float64 array; numpy cannot say "one of the two, the same throughout"


def product(left: Array, right: Array, bias: Array | None = None) -> Array:
    """Return (N, I) times (I, O), plus ``bias`` (O)."""
    if left.dtype != np.float32:
        return np.matmul(left, right) + (0 if bias is None else bias)
    out = np.empty((len(left), right.shape[1]), dtype=np.float32)
    DENSE.product(left, DENSE.panels(right), out, bias)
    return out


def add_product(left: Array, right: Array, out: Array) -> None:
    """Add (N, I) times (I, O) to out (N, O)."""
    if left.dtype != np.float32:
        out += np.matmul(left, right)
    else:
        DENSE.product(left, DENSE.panels(right), out, add=True)
