"""``SourceData``: training texts with the losses that go with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nerture.core.learner.batching import by_words
from nerture.core.targets.target import Target
from nerture.interfaces import Loss

MAX_PIECE_WORDS = 500  # words; longer texts are cut between entities


@dataclass(frozen=True, slots=True)
class SourceData:
    """The training texts of one source, with its losses and their weights.

    ``most_words`` bounds what an epoch takes of them: about so many words of texts, chosen anew each time;
    None: every text once. ``hides_words``: the learner does not see all words of the texts each time.
    """

    targets: tuple[Target, ...]
    losses: tuple[tuple[Loss, float], ...]
    most_words: int | None = None
    hides_words: bool = True

    @property
    def words(self) -> int:
        """Words of all texts."""
        return sum(len(target.doc) for target in self.targets)

    def batches(self, words: int, rng: np.random.Generator) -> Iterator[list[int]]:
        """Yield an epoch's batches as indices of targets, shuffled."""
        lengths = [len(target.doc) for target in self.targets]
        order = rng.permutation(len(lengths))
        if self.most_words is not None:
            before = np.cumsum([0, *(lengths[index] for index in order[:-1])])
            order = order[before < self.most_words]
        yield from by_words(lengths, words, order.tolist())
