import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

def k_best(outside: Float64, segments: Float64, k: int) -> list[tuple[float, npt.NDArray[np.int64]]]: ...
def sample(outside: Float64, segments: Float64, before: Float64, seed: int) -> npt.NDArray[np.int64]: ...
