from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32

LEVELS: tuple[str, ...]

class Panels:
    @property
    def depth(self) -> int: ...
    @property
    def columns(self) -> int: ...
    @property
    def pieces(self) -> int: ...

class Dense:
    def __init__(self, name: str = "") -> None: ...
    @property
    def name(self) -> str: ...
    def panels(self, right: Array, pieces: int = 0) -> Panels: ...
    def product(
        self, left: Array, right: Panels, out: Array, bias: Array | None = None, add: bool = False
    ) -> None: ...
    def maxout_norm(
        self,
        left: Array,
        right: Panels,
        bias: Array,
        gain: Array,
        shift: Array,
        out: Array,
        residual: Array | None = None,
        which: Array | None = None,
        normed: Array | None = None,
        scale: Array | None = None,
    ) -> None: ...
    def maxout_norm_back(
        self,
        d_out: Array,
        which: Array,
        normed: Array,
        scale: Array,
        gain: Array,
        d_pieces: Array,
        d_bias: Array,
        d_gain: Array,
        d_shift: Array,
    ) -> None: ...
    def add_chosen_product(self, left: Array, right: Array, which: Array, out: Array) -> None: ...
    def open_hidden(
        self, slots: Array, rows: npt.NDArray[np.int64], lengths: int, out: Array, which: Array
    ) -> None: ...
    def dropout(self, values: Array, rate: float, seed: int) -> None: ...

DENSE: Dense
