from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32 or float64, the same for all arguments of a call
Float64 = npt.NDArray[np.float64]

def probable_spans(
    closed: Array,
    slots: Array,
    weights: Array,
    bias: Array,
    bounds: npt.NDArray[np.int64],
    longest: int,
    least: float,
    wanted: npt.NDArray[np.int32] | None = None,
    budget: float = 1e-3,
    temperature: float = 1.0,
) -> tuple[npt.NDArray[np.int64], Float64, Float64, Float64]: ...
