"""``VersionTrainer``: what a session needs of whatever trains the versions of its model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.sessions.estimates.snapshot import TrainingSnapshot


class VersionTrainer(Protocol):
    """Trains the versions of a model (``nerture.sessions.learning.incremental_trainer``)."""

    start: Learner | None
    match_features: MatchFeatures | None

    def learn(
        self, previous: Learner | None, snapshot: TrainingSnapshot, step: Callable[[], None] = ...
    ) -> Learner:
        """Return the next version, which is a function of ``previous`` and ``snapshot`` alone.

        ``step`` is called after each training step; it may end the training by raising, and may train other
        versions meanwhile.
        """
