from typing import Any

import numpy.typing as npt

from nerture.core.kernels.dense import Dense

Array = npt.NDArray[Any]  # float32 or float64, the same for all arguments of a call

def squared_norm(values: Array) -> float: ...
def adam(
    values: Array,
    gradient: Array,
    first: Array,
    second: Array,
    average: Array,
    anchor: Array | None,
    rate: float,
    decay: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    step: int,
    scale: float,
    keep: float,
    dense: Dense = ...,
) -> None: ...
