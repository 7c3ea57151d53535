"""Training once more, when the held-out texts have said how long: on all texts, and on all but a fold."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

from nerture.core.learner.learner import Learner
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.targets.target import Target
from nerture.pipeline import Pipeline
from nerture.training.course import TrainingRun
from nerture.training.interrupts import held_back
from nerture.training.training_data import TrainingData


def new_learner(pipeline: Pipeline, longest: int) -> Learner:
    """Return the learner that a training of the pipeline begins with, unless it starts from a model."""
    config = pipeline.config
    return Learner(
        config.labels, config.model, longest,
        seed=config.train.seed, match_features=pipeline.match_features, vocabulary=Vocabulary((), ()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RefitProgress:
    """A step: how many there were and how many are to come, over all learners; its words, its loss per word.

    ``fold`` is the number of the fold that the learner does not see, from 1 on; None: it sees all texts.
    """

    step: int
    left: int
    fold: int | None
    words: int
    loss: float


class Refits:
    """Trains new learners for as many epochs as were best; ``listen`` is called after each step.

    How many epochs are best, no text can tell that is learned from: the training before has told, which took
    ``best_step`` steps on ``data``. ``steps`` are those that ``whole`` takes.
    """

    def __init__(
        self, pipeline: Pipeline, data: TrainingData, best_step: int, listen: Callable[[RefitProgress], None]
    ) -> None:
        self._pipeline, self._data, self._listen = pipeline, data, listen
        self._settings = pipeline.config.train
        words = sum(stock.words for stock in data.stocks)
        self._rate = best_step * (self._settings.refit or 1.0) / words
        self._all = replace(data, stocks=data.whole, folds=())
        self.steps = self._steps(self._all) if data.whole and self._settings.refit else 0
        self._step, self._left = 0, self.steps + sum(map(self._steps, data.folds))

    def whole(self) -> Learner | None:
        """Return a learner of all texts; None where none were set aside, or ``refit`` is 0."""
        return self._learner(self._all, self.steps, None) if self.steps else None

    def folds(self) -> list[tuple[Learner, tuple[Target, ...]]]:
        """Return a learner for each fold, of all other texts, with the texts of the fold."""
        return [
            (self._learner(fold, self._steps(fold), number), fold.held_out)
            for number, fold in enumerate(self._data.folds, 1)
        ]

    def _steps(self, data: TrainingData) -> int:
        return max(1, round(self._rate * sum(stock.words for stock in data.stocks)))

    def _learner(self, data: TrainingData, steps: int, fold: int | None) -> Learner:
        """Return the average of a new learner's weights after so many steps."""
        settings = self._settings
        course = TrainingRun(new_learner(self._pipeline, data.longest), data, settings)
        epochs = (data.batches(settings.batch_words, settings.seed, epoch) for epoch in itertools.count())
        for stock, chosen in itertools.islice(itertools.chain.from_iterable(epochs), steps):
            with held_back():
                loss, words = course.take(stock, chosen)
            self._step, self._left = self._step + 1, self._left - 1
            self._listen(RefitProgress(self._step, self._left, fold, words, loss))
        return course.updater.averaged
