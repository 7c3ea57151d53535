"""``Session``: the interface that front ends (web page, terminal) use."""

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
    """The progress of a session, as it is shown next to the question.

    ``remaining`` counts questions (None if unknown); ``versions`` is the number of trained versions,
    ``learned_from`` the number of answers that the last one was trained on. ``precision`` is that of the
    current model's predictions over all texts, estimated by probes; ``curve`` the learning curve: for each
    version, the number of answers, and its expected F1 on texts that it was not trained on
    (``estimates.expected_f1``); ``next_gain`` the expected gain in F1 from the next 100 answers (None if it
    is too early to tell). ``seconds`` is the time that the answers took.
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
    """An open session: durable, trained in the background, and thread-safe."""

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
        """How the session was opened, for display: model, patterns, source, kinds of question."""

    def questions(self, annotator: str, count: int = 1) -> Sequence[Question]:
        """Return the annotator's next questions: first those already asked and unanswered, then new ones.

        Calling it again returns the same ones, until they are answered or their lease expires. There are
        fewer than ``count`` if nothing more is to be asked. A question is stored before it is returned.
        """

    def answer(self, answer: Answer) -> None:
        """Save an answer; it is on disk when this returns. Repeating an ``answer.id`` has no effect.

        Raises ``DataError`` for an unknown question, an unknown label, and spans that overlap or are not
        whole tokens.
        """

    def undo(self, annotator: str) -> Question | None:
        """Undo this annotator's last answer and return its question, which is asked next.

        None if there is no answer to undo.
        """

    def history(self, annotator: str, count: int) -> Sequence[tuple[Question, Answer]]:
        """Return this annotator's latest answers that were not undone, newest first."""

    def progress(self, annotator: str | None = None) -> SessionProgress:
        """Return the progress of one annotator or of all."""

    def suggestions(self, count: int) -> Sequence[PatternSuggestion]:
        """Return suggested patterns without a verdict, best first.

        Computing them does not delay questions.
        """

    def judge_pattern(self, verdict: PatternVerdict) -> None:
        """Save a verdict about a suggested pattern; it is on disk when this returns.

        Repeating a ``verdict.id`` has no effect. Of several verdicts about a pattern, the newest counts.
        Raises ``DataError`` for a pattern that was never suggested.
        """

    def judged_patterns(self) -> Sequence[tuple[NewPattern, PatternVerdict]]:
        """Return the patterns with a verdict by any annotator, the latest last."""

    def agreement(self) -> Agreement | None:
        """Return the agreement; None if no two annotators answered the same question."""

    def close(self) -> None:
        """Finish training on the answers, save, and release all resources."""
