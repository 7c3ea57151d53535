"""The matrix products of the network: the one place where a faster kernel goes."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any  # a float32 or float64 array; numpy cannot say "one of the two, the same throughout"


def product(left: Array, right: Array) -> Array:
    """Return (N, I) times (I, O)."""
    return np.matmul(left, right)


def product_of_transposed(left: Array, right: Array, out: Array) -> None:
    """Add (N, I) transposed times (N, O) to out (I, O): the gradient of a weight."""
    out += np.matmul(left.T, right)


def product_with_transposed(left: Array, right: Array) -> Array:
    """Return (N, O) times (I, O) transposed: the gradient of an input."""
    return np.matmul(left, right.T)
