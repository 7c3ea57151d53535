from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

ARRAYS: Mapping[str, type[np.generic]]

class TokenAutomaton:
    @property
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]: ...
    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None: ...
    @classmethod
    def build(
        cls, tokens: npt.NDArray[np.int32], bounds: npt.NDArray[np.int64], numbers: npt.NDArray[np.int32]
    ) -> Self: ...
    def find_hits(self, tokens: list[int | None]) -> npt.NDArray[np.int32]: ...
