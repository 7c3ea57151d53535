from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nerture.core.kernels.dense import DENSE as DENSE
from nerture.core.kernels.dense import Dense
from nerture.core.network.form_cache import FormCache
from nerture.core.network.vocabulary import Vocabulary

_Float32 = npt.NDArray[np.float32]

class InferenceEncoder:
    def __init__(
        self,
        weights: Mapping[str, Any],
        tables: Sequence[tuple[str, int]],
        columns: int,
        choices: int,
        *,
        depth: int,
        width: int,
        pieces: int,
        hidden: int,
        int8: bool = False,
        dense: Dense = ...,
        vocabulary: Vocabulary | None = None,
        identity: Sequence[int] = (),
    ) -> None: ...
    @property
    def open_weight(self) -> _Float32: ...
    @property
    def open_bias(self) -> _Float32: ...
    @property
    def cache(self) -> FormCache: ...
    def clear_cache(self) -> None: ...
    def encode(
        self, attributes: npt.NDArray[np.uint64], bounds: npt.NDArray[np.int64]
    ) -> tuple[_Float32, _Float32]: ...
