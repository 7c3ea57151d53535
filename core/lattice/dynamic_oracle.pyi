from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from nerture.core.arrays import Floats

_Costs = npt.NDArray[np.int8]

def span_costs(
    length: int,
    longest: int,
    complete: Sequence[bool],
    spans: Iterable[tuple[int, int, int]],
    rejected: Iterable[tuple[int, int, int]],
    outside: Iterable[int],
) -> _Costs: ...
def costs_to_go(costs: _Costs) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]: ...
def action_costs(costs: _Costs, token: int, back: int, label: int) -> dict[int, int]: ...
def imitate(
    closed_scores: Floats,
    open_scores: Floats,
    costs: _Costs,
    explore: float,
    seed: int,
    weight: float,
    d_closed: Floats,
    d_open: Floats,
) -> float: ...
