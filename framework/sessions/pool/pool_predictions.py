"""``PoolPredictions``: what one version of the model predicts on the pool, and the ranked questions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from nerture.core.learner.learner import Learner
from nerture.core.text.doc import TokenBounds


@dataclass(frozen=True, slots=True)
class SpanCandidate:
    """A span that may be an entity, tokens ``[start, end)``, and the pattern that hit it, if any.

    ``probability`` is calibrated by the answers; ``score`` is the model's own probability (without a model,
    the same), and ``predicted`` whether it exceeds the model's threshold.
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
        """The entropy of the probability, in nats."""
        return entropy(self.probability)

    def overlaps(self, other: TokenBounds) -> bool:
        """Return True if the two have a token in common."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class QuestionRef:
    """A possible question about a text of the pool: about one span, or about the whole text (None)."""

    text: int
    candidate: SpanCandidate | None


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PoolPredictions:
    """What a model version predicts on some texts; a function of model, snapshot, texts and plan alone.

    ``learner`` is None before there is a model, when only patterns provide candidates. ``candidates`` maps
    numbers of texts to their span candidates; ``order`` is the ranked questions. ``f1`` is the expected F1 of
    the version on other texts (``estimates.expected_f1``); None if it is too early to tell.
    """

    version: int
    learner: Learner | None
    candidates: Mapping[int, tuple[SpanCandidate, ...]]
    order: tuple[QuestionRef, ...]
    f1: float | None = None


def entropy(probability: float) -> float:
    """Return the entropy of a Bernoulli variable with this probability, in nats."""
    if not 0 < probability < 1:
        return 0.0
    return -probability * math.log(probability) - (1 - probability) * math.log1p(-probability)
