from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

class Vocabulary:
    """The hashed attribute values seen in training and how often each was seen; immutable.

    ``values`` uint64 (V) are ascending and above 1, which represents unknown values; ``counts`` uint8 (V) are
    1 to 255, which means 255 or more. Raises ``SettingError`` for anything else.
    """

    def __init__(self, values: npt.ArrayLike, counts: npt.ArrayLike) -> None: ...
    @property
    def values(self) -> npt.NDArray[np.uint64]: ...
    @property
    def counts(self) -> npt.NDArray[np.uint8]: ...
    def __len__(self) -> int: ...
    @staticmethod
    def of(tables: Iterable[npt.NDArray[np.uint64]], columns: npt.NDArray[np.int32]) -> Vocabulary: ...
    def merge(self, other: Vocabulary) -> Vocabulary: ...
    def replace_unknown(
        self, attributes: npt.NDArray[np.uint64], columns: npt.NDArray[np.int32], rare: float, seed: int
    ) -> None: ...
