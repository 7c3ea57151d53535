"""The network's matrix products: float32 with the kernels of ``dense``, float64 with numpy."""

from __future__ import annotations

import numpy as np

from nerture.core.arrays import Floats
from nerture.core.kernels.dense import DENSE


def product(left: Floats, right: Floats, bias: Floats | None = None) -> Floats:
    """Return (N, I) times (I, O), plus ``bias`` (O)."""
    if left.dtype != np.float32:
        result: Floats = np.matmul(left, right) + (0 if bias is None else bias)
        return result
    out = np.empty((len(left), right.shape[1]), dtype=np.float32)
    DENSE.product(left, DENSE.pack(right), out, bias)
    return out


def add_product(left: Floats, right: Floats, out: Floats) -> None:
    """Add (N, I) times (I, O) to out (N, O)."""
    if left.dtype != np.float32:
        out += np.matmul(left, right)
    else:
        DENSE.product(left, DENSE.pack(right), out, add=True)
