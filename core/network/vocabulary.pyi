from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

class Vocabulary:
    """The hashed values of attributes that were met in training, and how often each; it does not change.

    ``values`` uint64 (V), ascending, above 1, which stands for a value that was never met; ``counts`` uint8
    (V), 255 stands for all that is more. Raises ``SettingError`` for anything else.
    """

    def __init__(self, values: npt.ArrayLike, counts: npt.ArrayLike) -> None: ...
    @property
    def values(self) -> npt.NDArray[np.uint64]: ...
    @property
    def counts(self) -> npt.NDArray[np.uint8]: ...
    def __len__(self) -> int: ...
    @staticmethod
    def of(tables: Iterable[npt.NDArray[np.uint64]], columns: npt.NDArray[np.int32]) -> Vocabulary: ...
    def joined(self, other: Vocabulary) -> Vocabulary: ...
    def replace(
        self, attributes: npt.NDArray[np.uint64], columns: npt.NDArray[np.int32], rare: float, seed: int
    ) -> None: ...
