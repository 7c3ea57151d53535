"""``PoolPredictions``: what one version of the model predicts on the pool, and what to ask first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from nerture.core.learner.learner import Learner


@dataclass(frozen=True, slots=True)
class SpanCandidate:
    """A span, tokens ``[start, end)``, that may be there, and the pattern that hit it, if one did.

    ``probability`` is calibrated by the answers; ``score`` is what the model itself says (without a model,
    the same), and ``predicted`` whether it is among what the model finds.
    """

    start: int
    end: int
    label: str
    probability: float
    score: float
    pattern: str | None
    predicted: bool = False

    @property
    def entropy(self) -> float:
        """How much is unknown of it, in nats."""
        return entropy(self.probability)


@dataclass(frozen=True, slots=True)
class QuestionRef:
    """A question that could be asked about a text of the pool: about one span, or (None) about all of it."""

    text: int
    chance: SpanCandidate | None


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PoolPredictions:
    """What a version of the model holds of some texts; a function of model, lesson, texts and plan alone.

    ``learner`` None stands for the time before there is a model: then patterns alone know something.
    ``chances`` maps numbers of texts to the spans that may be there; ``order`` is what to ask first. ``f1``
    is what is expected of the version on other texts (``estimates.expected_f1``); None: nobody can tell.
    """

    version: int
    learner: Learner | None
    chances: Mapping[int, tuple[SpanCandidate, ...]]
    order: tuple[QuestionRef, ...]
    f1: float | None = None


def entropy(probability: float) -> float:
    """Return how much is unknown of something that is so with this probability, in nats."""
    if not 0 < probability < 1:
        return 0.0
    return -probability * math.log(probability) - (1 - probability) * math.log1p(-probability)
