"""The events in the log of a session, which determine its state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.patterns.pattern_suggestions import NewPattern
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict


@dataclass(frozen=True, slots=True)
class Asked:
    """A question was asked; it is leased to the annotator until ``until`` (seconds since 1970)."""

    question: Question
    annotator: str
    until: float


@dataclass(frozen=True, slots=True)
class Undone:
    """An answer was undone."""

    answer: str
    annotator: str


@dataclass(frozen=True, slots=True)
class Learned:
    """The model became ``version``, trained on the first ``events`` events of the log.

    ``from_scratch`` is whether it was trained from scratch, not from the version before. ``f1`` is its
    expected F1 (``estimates.expected_f1``), between 0 and 1; None if it was not estimated. It is logged
    because versions that are not trained again cannot be evaluated again. Neither distinguishes versions.
    """

    version: int
    events: int
    f1: float | None = field(default=None, compare=False)
    from_scratch: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class PatternJudged:
    """An annotator gave a verdict about a suggested pattern."""

    pattern: NewPattern
    verdict: PatternVerdict


Event: TypeAlias = Asked | Answer | Undone | Learned | PatternJudged
"""An answer is its own event."""
