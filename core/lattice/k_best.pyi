import numpy as np
import numpy.typing as npt

_Float64 = npt.NDArray[np.float64]

def k_best(outside: _Float64, span_scores: _Float64, k: int) -> list[tuple[float, npt.NDArray[np.int64]]]: ...
def sample(
    outside: _Float64, span_scores: _Float64, forward: _Float64, seed: int
) -> npt.NDArray[np.int64]: ...
def trace_back(steps: npt.NDArray[np.int32], rank: int) -> npt.NDArray[np.int64]: ...
