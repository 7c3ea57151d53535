from typing import Any

import numpy.typing as npt

from nerture.core.kernels.dense import Dense

Array = npt.NDArray[Any]  # float32

class StepPanels:
    @property
    def columns(self) -> int: ...
    @property
    def pieces(self) -> int: ...

class Int8Dense:
    def __init__(self, dense: Dense = ...) -> None: ...
    def panels(self, right: Array, parts: int, pieces: int = 0) -> StepPanels: ...
    def product(self, rows: Array, right: StepPanels, out: Array, bias: Array | None = None) -> None: ...
    def maxout_norm(
        self,
        rows: Array,
        right: StepPanels,
        bias: Array,
        gain: Array,
        shift: Array,
        out: Array,
        residual: Array | None = None,
    ) -> None: ...
