import numpy as np
import numpy.typing as npt

from nerture.core.arrays import Floats

_Float64 = npt.NDArray[np.float64]

def teacher_shares(
    spans: npt.NDArray[np.int32],
    probabilities: npt.NDArray[np.float32],
    length: int,
    longest: int,
    labels: int,
) -> tuple[_Float64, _Float64]: ...
def cross_entropy(
    closed_scores: Floats,
    open_scores: Floats,
    closed_shares: _Float64,
    open_shares: _Float64,
    known: npt.NDArray[np.uint8],
    weight: float,
    d_closed: Floats,
    d_open: Floats,
) -> float: ...
