"""``refit``: the training once more, on all texts, when the held-out ones have said how long it takes."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from nerture.core.learner import Learner
from nerture.core.vocabulary import Vocabulary
from nerture.pipeline import Pipeline
from nerture.training.course import Course
from nerture.training.interrupts import held_back
from nerture.training.training_data import TrainingData


def new_learner(pipeline: Pipeline, longest: int) -> Learner:
    """Return the learner that a training of the pipeline begins with, unless it starts from a model."""
    config = pipeline.config
    return Learner(
        config.labels, config.model, longest,
        seed=config.train.seed, match_features=pipeline.gazetteer, vocabulary=Vocabulary((), ()),
    )  # fmt: skip


def refit(
    pipeline: Pipeline,
    data: TrainingData,
    steps: int,
    listen: Callable[[int, int, float], None],
) -> Learner:
    """Train a new learner on ``data`` for ``steps`` steps, and return the average of its weights.

    How many steps are best, no text can tell that is learned from: the training before has told. ``listen``
    is called after each step with its number, its words, and its loss per word.
    """
    settings = pipeline.config.train
    course = Course(new_learner(pipeline, data.longest), data, settings)
    epochs = (data.batches(settings.batch_words, settings.seed, epoch) for epoch in itertools.count())
    for stock, chosen in itertools.islice(itertools.chain.from_iterable(epochs), steps):
        with held_back():
            loss, words = course.take(stock, chosen)
        listen(course.updater.step, words, loss)
    return course.updater.averaged
