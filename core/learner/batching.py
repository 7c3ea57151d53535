"""Groups texts into batches of a limited number of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def batch_by_words(
    lengths: Sequence[int], words: int, order: Sequence[int] | None = None
) -> Iterator[list[int]]:
    """Yield lists of indices whose lengths sum to at most ``words``; a longer text is a batch of its own."""
    batch: list[int] = []
    total = 0
    for index in range(len(lengths)) if order is None else order:
        if batch and total + lengths[index] > words:
            yield batch
            batch, total = [], 0
        batch.append(index)
        total += lengths[index]
    if batch:
        yield batch


def make_bounds(lengths: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return where each text begins in the batch and where the last one ends, int64 (T+1)."""
    return np.array([0, *accumulate(lengths)], dtype=np.int64)
