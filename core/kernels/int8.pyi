import numpy as np
import numpy.typing as npt

from nerture.core.kernels.dense import DENSE as DENSE
from nerture.core.kernels.dense import Dense

_Float32 = npt.NDArray[np.float32]

class QuantizedWeights:
    @property
    def columns(self) -> int: ...
    @property
    def pieces(self) -> int: ...

class QuantizedRows: ...

class Int8Dense:
    def __init__(self, dense: Dense = ...) -> None: ...
    def pack(self, right: _Float32, parts: int, pieces: int = 0) -> QuantizedWeights: ...
    def product(
        self, rows: _Float32, right: QuantizedWeights, out: _Float32, bias: _Float32 | None = None
    ) -> None: ...
    def maxout_norm(
        self,
        rows: _Float32,
        right: QuantizedWeights,
        bias: _Float32,
        gain: _Float32,
        shift: _Float32,
        out: _Float32,
        residual: _Float32 | None = None,
    ) -> None: ...
    def cached_maxout_norm(
        self, rows: _Float32, bias: _Float32, gain: _Float32, shift: _Float32, out: _Float32
    ) -> None: ...
