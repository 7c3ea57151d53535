"""``LiveStatistics``: pattern suggestions and agreement, kept up to date as answers come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nerture.core.targets.target import Target
from nerture.sessions.answers.agreement import Agreement, AgreementCounts, Ratings, collect_ratings
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion, PatternSuggestions
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.text import Text


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text whose answers changed, with its current answers; immutable.

    ``text`` is None if it is not in the pool. ``target`` is what may be learned from it.
    """

    name: str
    text: Text | None
    target: Target | None
    answers: tuple[tuple[Question, Answer], ...]


class LiveStatistics:
    """Statistics updated with the changed texts; not thread-safe, but any thread may use it.

    The state says which texts changed; processing them takes longer than an annotator should wait, so it is
    done outside the state.
    """

    def __init__(self, pool: Pool, labels: Sequence[str]) -> None:
        self._suggestions = PatternSuggestions(pool, labels)
        self._agreement = AgreementCounts()
        self._ratings: dict[str, list[Ratings]] = {}
        self._best: list[PatternSuggestion] | None = None

    def update(self, changes: Sequence[TextChange]) -> None:
        """Update the statistics with changed texts."""
        self._suggestions.prefetch([change.target for change in changes if change.target is not None])
        for change in changes:
            self._update_agreement(change)
            if change.text is not None:
                is_answered = bool(change.answers) or change.target is not None
                self._suggestions.update(change.text, change.target, is_answered)
                self._best = None

    def suggestions(self) -> Sequence[PatternSuggestion]:
        """Return suggested patterns, best first, with or without a verdict."""
        if self._best is None:
            self._best = self._suggestions.rank()
        return self._best

    def find(self, id: str) -> NewPattern | None:
        """Return the pattern with this id; None if it could never have been suggested."""
        return self._suggestions.find(id)

    def agreement(self) -> Agreement | None:
        """Return the agreement; None if no two annotators answered the same question."""
        return self._agreement.agreement()

    def _update_agreement(self, change: TextChange) -> None:
        for ratings in self._ratings.pop(change.name, ()):
            self._agreement.change(ratings, -1)
        if len({answer.annotator for _, answer in change.answers}) > 1:
            self._ratings[change.name] = collect_ratings(change.answers)
            for ratings in self._ratings[change.name]:
                self._agreement.change(ratings, 1)
