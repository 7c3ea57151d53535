import numpy as np
import numpy.typing as npt

from nerture.core.arrays import Floats

_Float64 = npt.NDArray[np.float64]

def probable_spans(
    closed: Floats,
    slots: Floats,
    weights: Floats,
    bias: Floats,
    bounds: npt.NDArray[np.int64],
    longest: int,
    least: float,
    requested: npt.NDArray[np.int32] | None = None,
    budget: float = 1e-3,
    temperature: float = 1.0,
) -> tuple[npt.NDArray[np.int64], _Float64, _Float64, _Float64]: ...
