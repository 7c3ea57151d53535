"""``SourceData``: training texts with the losses that go with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nerture.core.learner.batching import batch_by_words
from nerture.core.targets.target import Target
from nerture.interfaces import Loss

MAX_PIECE_WORDS = 500
"""Longer texts are split between entities."""


@dataclass(frozen=True, slots=True)
class SourceData:
    """The training texts of one source, with its losses and their weights.

    ``max_words`` limits an epoch to about so many words of these texts, chosen at random for each epoch; None
    if an epoch has every text once. If ``hides_words``, the learner does not see all words of a text each
    time.
    """

    targets: tuple[Target, ...]
    losses: tuple[tuple[Loss, float], ...]
    max_words: int | None = None
    hides_words: bool = True

    @property
    def words(self) -> int:
        """Words of all texts."""
        return sum(len(target.doc) for target in self.targets)

    def batches(self, words: int, rng: np.random.Generator) -> Iterator[list[int]]:
        """Yield an epoch's batches as indices of targets, shuffled."""
        lengths = [len(target.doc) for target in self.targets]
        order = rng.permutation(len(lengths))
        if self.max_words is not None:
            before = np.cumsum([0, *(lengths[index] for index in order[:-1])])
            order = order[before < self.max_words]
        yield from batch_by_words(lengths, words, order.tolist())
