import numpy as np
import numpy.typing as npt

from nerture.core.arrays import Floats

def decode_greedily(
    closed: Floats,
    slots: Floats,
    weights: Floats,
    bias: Floats,
    bounds: npt.NDArray[np.int64],
    longest: int,
) -> npt.NDArray[np.int64]: ...
