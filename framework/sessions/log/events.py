"""The log of a session: everything that its state follows from, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.patterns.pattern_suggestions import NewPattern
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict


@dataclass(frozen=True, slots=True)
class Asked:
    """A question went out to an annotator; ``until`` (seconds since 1970) nobody else gets it."""

    question: Question
    annotator: str
    until: float


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer came in."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Undone:
    """An answer was taken back."""

    answer: str
    annotator: str


@dataclass(frozen=True, slots=True)
class Learned:
    """The model became ``version``, from the first ``events`` events of the log.

    ``from_scratch``: it started over and did not go on from the version before. ``f1`` is what was
    expected of it (``estimates.expected_f1``), between 0 and 1; None: nothing, or it was not told. It is
    kept because versions that are not made again cannot be looked at again. Neither tells versions apart.
    """

    version: int
    events: int
    f1: float | None = field(default=None, compare=False)
    from_scratch: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class PatternJudged:
    """A suggested pattern was judged."""

    pattern: NewPattern
    judgement: PatternVerdict


Event: TypeAlias = Asked | Answered | Undone | Learned | PatternJudged
