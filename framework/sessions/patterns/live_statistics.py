"""``LiveStatistics``: pattern suggestions and agreement, kept up to date as answers come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nerture.core.targets.target import Target
from nerture.sessions.answers.agreement import Agreement, AgreementCounts, Judged, judged
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion, PatternSuggestions
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.text import Text


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text that was answered about since it was last looked at: a picture that does not change any more.

    ``text`` is None where the pool does not have it. ``target`` is what may be learned from it.
    """

    name: str
    text: Text | None
    target: Target | None
    answers: tuple[tuple[Question, Answer], ...]


class LiveStatistics:
    """Counts that follow the answers, text by text; one thread at a time, whichever it is.

    The state says which texts have changed; reading them takes longer than an annotator should wait, so that
    it is done apart from the state.
    """

    def __init__(self, pool: Pool, labels: Sequence[str]) -> None:
        self._suggestions = PatternSuggestions(pool, labels)
        self._agreement = AgreementCounts()
        self._judged: dict[str, list[Judged]] = {}
        self._best: list[PatternSuggestion] | None = None

    def read(self, changes: Sequence[TextChange]) -> None:
        """Take in texts as they are now."""
        self._suggestions.expect([change.target for change in changes if change.target is not None])
        for change in changes:
            self._compare(change)
            if change.text is not None:
                asked = bool(change.answers) or change.target is not None
                self._suggestions.tell(change.text, change.target, asked)
                self._best = None

    def suggestions(self) -> Sequence[PatternSuggestion]:
        """Return the patterns that are worth writing, best first, judged or not."""
        if self._best is None:
            self._best = self._suggestions.best()
        return self._best

    def find(self, id: str) -> NewPattern | None:
        """Return the pattern of that id, if it could have been suggested at any time."""
        return self._suggestions.find(id)

    def agreement(self) -> Agreement | None:
        """Return how far annotators agree; None: no two have answered the same question."""
        return self._agreement.agreement()

    def _compare(self, change: TextChange) -> None:
        for said in self._judged.pop(change.name, ()):
            self._agreement.change(said, -1)
        if len({answer.annotator for _, answer in change.answers}) > 1:
            self._judged[change.name] = judged(change.answers)
            for said in self._judged[change.name]:
                self._agreement.change(said, 1)
