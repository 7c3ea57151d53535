"""What the faces of a session (web page, terminal, simulated annotator) need of it, and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nerture.sessions.answers.agreement import Agreement
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.estimates.interval import Interval
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict


@dataclass(frozen=True, slots=True)
class SessionProgress:
    """Where a session stands, as it is shown beside the question.

    ``asked`` and ``remaining`` count questions (None: nobody knows how many are left); ``versions`` how often
    the model has learned, ``learned_from`` from how many answers; ``precision`` is that of the present
    model's predictions over all texts, as far as probes tell; ``curve`` the learning curve: for each version,
    the answers that it learned from and the F1 that is expected of it on texts that it has not learned from
    (``estimates.expected_f1``); ``next_gain`` what the next 100 answers are expected to add to it (None:
    too early to tell).
    """

    answers: int = 0
    accepted: int = 0
    rejected: int = 0
    ignored: int = 0
    complete_texts: int = 0
    remaining: int | None = None
    seconds: float = 0.0
    versions: int = 0
    learned_from: int = 0
    precision: Interval | None = None
    curve: tuple[tuple[int, float], ...] = ()
    next_gain: float | None = None


class Session(Protocol):
    """A session that is open: it is durable, it learns, and it may be asked from several threads at once."""

    @property
    def dataset(self) -> str:
        """The dataset that the answers go to."""

    @property
    def mode(self) -> str:
        """teach, correct, manual, match, retype, gold or review."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that may be given, in order."""

    @property
    def settings(self) -> dict[str, Any]:
        """What a face may show of how the session was opened: model, patterns, source, kinds of question."""

    def questions(self, annotator: str, count: int = 1) -> Sequence[Question]:
        """Return the next questions of this annotator: those out already and unanswered first, then new ones.

        Asked again, it gives the same ones, until they are answered or their lease has run out. Fewer than
        ``count`` come back when there is nothing more to ask. A question is stored before it is returned.
        """

    def answer(self, answer: Answer) -> None:
        """Save an answer: on disk when this returns; the same ``answer.id`` again changes nothing.

        Raises ``DataError`` for an unknown question, an unknown label, spans off its tokens or
        overlapping.
        """

    def undo(self, annotator: str) -> Question | None:
        """Take back this annotator's last answer and return its question, which is next.

        None: nothing is left to take back.
        """

    def history(self, annotator: str, count: int) -> Sequence[tuple[Question, Answer]]:
        """Return this annotator's latest answers that stand, newest first."""

    def standing(self, annotator: str | None = None) -> SessionProgress:
        """Return the counts, of one annotator or of all."""

    def suggestions(self, count: int) -> Sequence[PatternSuggestion]:
        """Return the patterns that accepted spans suggest and nobody has judged, best first.

        Questions do not wait for it.
        """

    def judge(self, judgement: PatternVerdict) -> None:
        """Save what is said of a suggested pattern: on disk when this returns.

        The same ``judgement.id`` again changes nothing. A pattern may be judged anew: the newest counts.
        Raises ``DataError`` for a pattern that was never suggested.
        """

    def judged(self) -> Sequence[tuple[NewPattern, PatternVerdict]]:
        """Return the patterns that were judged, by anybody, the latest last."""

    def agreement(self) -> Agreement | None:
        """Return how far annotators agree; None: no two of them have answered the same question."""

    def close(self) -> None:
        """Finish learning from what was answered, save, and let go of everything."""
