"""The texts of a training: read from all sources, cut to size, a share held out where no others are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nerture.core.batching import by_words
from nerture.core.cutting import cut
from nerture.core.target import Target
from nerture.errors import CorpusError
from nerture.interfaces import Loss, Problem
from nerture.pipeline import Pipeline, gather

LONGEST_PIECE = 500  # words; longer texts are cut between entities


@dataclass(frozen=True, slots=True)
class Stock:
    """The training texts of one source, with the losses that go with them."""

    targets: tuple[Target, ...]
    losses: tuple[tuple[Loss, float], ...]


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What to train on and what to evaluate on.

    ``problems`` are the rows that were skipped; ``notes`` tell of what was left out on its own word, and of
    answers that newer ones contradict.
    """

    stocks: tuple[Stock, ...]
    held_out: tuple[Target, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()

    @property
    def longest_span(self) -> int:
        """Tokens of the longest span to learn."""
        return max(
            (len(span) for stock in self.stocks for target in stock.targets for span in target.spans),
            default=1,
        )

    def batches(self, words: int, seed: int, epoch: int) -> Iterator[tuple[Stock, list[int]]]:
        """Yield an epoch's batches, shuffled as seed and epoch say; a batch holds texts of one source."""
        rng = np.random.default_rng([seed, epoch])
        batches = []
        for stock in self.stocks:
            lengths = [len(target.doc) for target in stock.targets]
            order = rng.permutation(len(lengths)).tolist()
            batches += [(stock, chosen) for chosen in by_words(lengths, words, order)]
        if len(self.stocks) > 1:
            batches = [batches[index] for index in rng.permutation(len(batches))]
        yield from batches


def read_training_data(pipeline: Pipeline, skip_bad: bool = False) -> TrainingData:
    """Read every source and the texts to evaluate on; raises ``CorpusError`` listing all problems."""
    knowledge = pipeline.knowledge()
    gathered = gather(knowledge, skip_bad)
    evaluation = pipeline.evaluation(skip_bad)
    settings = pipeline.config.train
    held_out: list[Target] = list(evaluation.items) if evaluation else []
    problems = [problem for part in gathered for problem in part.problems]
    problems += evaluation.problems if evaluation else ()
    notes = [note for part in gathered for note in part.notes]
    notes += evaluation.notes if evaluation else ()
    stocks = []
    for number, (item, part) in enumerate(zip(knowledge, gathered, strict=True)):
        targets = [target for target in part.items if len(target.doc)]
        if evaluation is None:
            targets, aside = _split(targets, settings.dev_share, [settings.seed, number])
            held_out += aside
        pieces = tuple(piece for target in targets for piece in cut(target, LONGEST_PIECE))
        if not pieces:
            raise CorpusError(f"{item.where}: no text with a word in it to train on")
        stocks.append(Stock(pieces, item.losses))
    held_out = [target for target in held_out if len(target.doc)]
    if not held_out:
        raise CorpusError(
            "no text to evaluate on: name some under `evaluate`, or give at least two texts to train on"
        )
    return TrainingData(tuple(stocks), tuple(held_out), tuple(problems), tuple(notes))


def _split(targets: Sequence[Target], share: float, seed: Sequence[int]) -> tuple[list[Target], list[Target]]:
    """Set a share of the texts aside, chosen by the seed; equal texts stay on one side."""
    groups: dict[str, list[Target]] = {}
    for target in targets:
        groups.setdefault(target.doc.text, []).append(target)
    texts = list(groups)
    count = min(max(1, round(share * len(texts))), len(texts) - 1)
    chosen = np.random.default_rng(seed).permutation(len(texts))[:count]
    aside = {texts[index] for index in chosen}
    kept = [target for target in targets if target.doc.text not in aside]
    return kept, [target for target in targets if target.doc.text in aside]
