"""Texts to batches of about so many words, in order or shuffled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def by_words(lengths: Sequence[int], words: int, order: Sequence[int] | None = None) -> Iterator[list[int]]:
    """Yield lists of indices whose lengths sum to at most ``words``; a longer text is a batch by itself."""
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


def bounds_of(lengths: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return where each text begins in the batch, and where the last one ends: int64 (T+1)."""
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds
