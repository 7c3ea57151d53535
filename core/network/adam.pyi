from nerture.core.arrays import Floats
from nerture.core.kernels.dense import DENSE as DENSE
from nerture.core.kernels.dense import Dense

def squared_norm(values: Floats) -> float: ...
def adam(
    values: Floats,
    gradient: Floats,
    first: Floats,
    second: Floats,
    average: Floats,
    anchor: Floats | None,
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
