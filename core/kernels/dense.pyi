import numpy as np
import numpy.typing as npt

_Float32 = npt.NDArray[np.float32]

INSTRUCTION_SETS: tuple[str, ...]

class PackedWeights:
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
    def pack(self, right: _Float32, pieces: int = 0) -> PackedWeights: ...
    def product(
        self,
        left: _Float32,
        right: PackedWeights,
        out: _Float32,
        bias: _Float32 | None = None,
        add: bool = False,
    ) -> None: ...
    def multiply(self, left: _Float32, right: _Float32) -> _Float32: ...
    def maxout_norm(
        self,
        left: _Float32,
        right: PackedWeights,
        bias: _Float32,
        gain: _Float32,
        shift: _Float32,
        out: _Float32,
        residual: _Float32 | None = None,
        argmax: _Float32 | None = None,
        normed: _Float32 | None = None,
        scale: _Float32 | None = None,
    ) -> None: ...
    def maxout_norm_back(
        self,
        d_out: _Float32,
        argmax: _Float32,
        normed: _Float32,
        scale: _Float32,
        gain: _Float32,
        d_pieces: _Float32,
        d_bias: _Float32,
        d_gain: _Float32,
        d_shift: _Float32,
    ) -> None: ...
    def add_chosen_product(
        self, left: _Float32, right: _Float32, argmax: _Float32, out: _Float32
    ) -> None: ...
    def open_hidden(
        self, slots: _Float32, rows: npt.NDArray[np.int64], lengths: int, out: _Float32, argmax: _Float32
    ) -> None: ...
    def dropout(self, values: _Float32, rate: float, seed: int) -> None: ...

DENSE: Dense
