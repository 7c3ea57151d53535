from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32 or float64, the same for all arguments of a call
Costs = npt.NDArray[np.int8]

def span_costs(
    length: int,
    longest: int,
    complete: Sequence[bool],
    spans: Iterable[tuple[int, int, int]],
    rejected: Iterable[tuple[int, int, int]],
    outside: Iterable[int],
) -> Costs: ...
def costs_to_go(costs: Costs) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]: ...
def action_costs(costs: Costs, token: int, back: int, label: int) -> dict[int, int]: ...
def imitate(
    closed_scores: Array,
    open_scores: Array,
    costs: Costs,
    explore: float,
    seed: int,
    weight: float,
    d_closed: Array,
    d_open: Array,
) -> float: ...
