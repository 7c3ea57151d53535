"""The type of the network's arrays: float32, or float64 for numeric checks of gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.floating[Any]]"
"""An array of float32 or float64; all arrays of a network, and all arguments of a call, share one type."""
