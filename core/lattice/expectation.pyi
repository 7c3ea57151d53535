import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

def expected_entity_tokens(
    log_closed: Float64, log_open: Float64, counted: npt.NDArray[np.uint8]
) -> tuple[float, Float64, Float64]: ...
