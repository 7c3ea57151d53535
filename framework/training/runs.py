"""Training runs: a learner trained step by step, and learners trained again with a known number of steps."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nerture.core.learner.learner import Learner
from nerture.core.learner.updater import Updater
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import TrainSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.targets.target import Target
from nerture.pipeline import Pipeline
from nerture.training.interrupts import delay_interrupts
from nerture.training.source_data import SourceData
from nerture.training.training_data import TrainingData


class TrainingRun:
    """Trains a learner, whose vocabulary has the words of all texts of ``data`` from the start.

    Weight decay pulls towards ``anchor``; towards zero if it is None.
    """

    def __init__(
        self, learner: Learner, data: TrainingData, settings: TrainSettings, anchor: Parameters | None = None
    ) -> None:
        docs = [target.doc for source in data.all_sources for target in source.targets]
        self._attributes = {doc: learner.attributes(doc) for doc in dict.fromkeys(docs)}
        # a text that is trained on twice, as in rehearsal, counts twice in the vocabulary
        counted = (self._attributes[doc] for doc in docs)
        self.updater = Updater(learner.with_vocabulary(counted), settings, anchor)

    def step(self, source: SourceData, chosen: Sequence[int]) -> tuple[float, int]:
        """Train on some texts of a source of ``data``; return the loss per word and the number of words."""
        targets = [source.targets[index] for index in chosen]
        attributes = [self._attributes[target.doc] for target in targets]
        loss = self.updater.update(attributes, targets, source.losses, hides_words=source.hides_words)
        return loss, sum(map(len, attributes))


def make_learner(pipeline: Pipeline, longest: int) -> Learner:
    """Make the untrained learner of a pipeline that does not start from a model."""
    config = pipeline.config
    return Learner(
        config.labels, config.model, longest,
        seed=config.train.seed, match_features=pipeline.match_features, vocabulary=Vocabulary((), ()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RefitProgress:
    """A step of a refit: its number and how many are left, over all learners; its words and loss per word.

    ``fold`` is the number, from 1, of the fold that is held out from the learner; None if it trains on all
    texts.
    """

    step: int
    left: int
    fold: int | None
    words: int
    loss: float


class Refits:
    """Trains new learners for as many epochs as were best; ``listen`` is called after each step.

    The best number of epochs comes from the training before, which took ``best_step`` steps on ``data``: it
    cannot be measured on texts that are trained on. ``steps`` are those of ``train_on_all``.
    """

    def __init__(
        self, pipeline: Pipeline, data: TrainingData, best_step: int, listen: Callable[[RefitProgress], None]
    ) -> None:
        self._pipeline, self._data, self._listen = pipeline, data, listen
        self._settings = pipeline.config.train
        words = sum(source.words for source in data.sources)
        self._rate = best_step * (self._settings.refit or 1.0) / words
        self._all = replace(data, sources=data.full_sources, folds=())
        self.steps = self._steps(self._all) if data.full_sources and self._settings.refit else 0
        self._step, self._left = 0, self.steps + sum(map(self._steps, data.folds))

    def train_on_all(self) -> Learner | None:
        """Train a learner on all texts; None if no texts were held out, or ``refit`` is 0."""
        return self._train(self._all, self.steps, None) if self.steps else None

    def train_folds(self) -> list[tuple[Learner, tuple[Target, ...]]]:
        """Train a learner for each fold, on all other texts; return each with the texts of its fold."""
        return [
            (self._train(fold, self._steps(fold), number), fold.held_out)
            for number, fold in enumerate(self._data.folds, 1)
        ]

    def _steps(self, data: TrainingData) -> int:
        return max(1, round(self._rate * sum(source.words for source in data.sources)))

    def _train(self, data: TrainingData, steps: int, fold: int | None) -> Learner:
        """Return the average of a new learner's weights after so many steps."""
        settings = self._settings
        run = TrainingRun(make_learner(self._pipeline, data.longest), data, settings)
        epochs = (data.batches(settings.batch_words, settings.seed, epoch) for epoch in itertools.count())
        for source, chosen in itertools.islice(itertools.chain.from_iterable(epochs), steps):
            with delay_interrupts():
                loss, words = run.step(source, chosen)
            self._step, self._left = self._step + 1, self._left - 1
            self._listen(RefitProgress(self._step, self._left, fold, words, loss))
        return run.updater.averaged
