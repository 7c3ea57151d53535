from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32 or float64, the same for all scores and gradients of a call
Float64 = npt.NDArray[np.float64]

def teacher_shares(
    spans: npt.NDArray[np.int32],
    probabilities: npt.NDArray[np.float32],
    length: int,
    longest: int,
    labels: int,
) -> tuple[Float64, Float64]: ...
def cross_entropy(
    closed_scores: Array,
    open_scores: Array,
    closed_shares: Float64,
    open_shares: Float64,
    known: npt.NDArray[np.uint8],
    weight: float,
    d_closed: Array,
    d_open: Array,
) -> float: ...
