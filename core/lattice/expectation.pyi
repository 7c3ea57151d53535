import numpy as np
import numpy.typing as npt

_Float64 = npt.NDArray[np.float64]

def expected_entity_tokens(
    log_closed: _Float64, log_open: _Float64, counted: npt.NDArray[np.uint8]
) -> tuple[float, _Float64, _Float64]: ...
