from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32 or float64, the same for all arguments of a call

def greedy(
    closed: Array,
    slots: Array,
    weights: Array,
    bias: Array,
    bounds: npt.NDArray[np.int64],
    longest: int,
) -> npt.NDArray[np.int64]: ...
