"""Annotators' verdicts about suggested patterns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from nerture.errors import DataError
from nerture.sessions.answers.validation import check_name, check_seconds
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion

PatternDecision = Literal["accept", "reject"]
PATTERN_DECISIONS: tuple[PatternDecision, ...] = get_args(PatternDecision)


@dataclass(frozen=True, slots=True)
class PatternVerdict:
    """An annotator's verdict about a suggested pattern.

    ``id`` is chosen by the sender; a verdict that is sent twice counts once. ``suggestion`` is the pattern's
    id; ``time`` is in seconds since 1970.
    """

    id: str
    suggestion: str
    verdict: PatternDecision
    annotator: str
    time: float = 0.0


def check_verdict(verdict: PatternVerdict) -> None:
    """Raise ``DataError`` for an id, name, time or decision that cannot be stored."""
    check_name("verdict: id", verdict.id)
    check_name("annotator", verdict.annotator)
    check_seconds(f"verdict {verdict.id}: time", verdict.time)
    if verdict.verdict not in PATTERN_DECISIONS:
        raise DataError(f"verdict: expected one of {', '.join(PATTERN_DECISIONS)}, got {verdict.verdict!r}")


class PatternVerdicts:
    """The verdicts of a log; the newest about each pattern counts, from any annotator."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._current: dict[str, tuple[NewPattern, PatternVerdict]] = {}

    def add(self, pattern: NewPattern, verdict: PatternVerdict) -> None:
        """Add a verdict; repeating one has no effect."""
        if verdict.id not in self._ids:
            self._ids.add(verdict.id)
            self._current.pop(pattern.id, None)
            self._current[pattern.id] = pattern, verdict

    def has_verdict(self, id: str) -> bool:
        """Return whether there was a verdict with this id."""
        return id in self._ids

    def drop_judged(self, suggestions: Iterable[PatternSuggestion]) -> list[PatternSuggestion]:
        """Return the suggestions without a verdict."""
        return [suggestion for suggestion in suggestions if suggestion.id not in self._current]

    def find(self, suggestion: str) -> NewPattern | None:
        """Return the pattern with this id if there is a verdict about it."""
        pair = self._current.get(suggestion)
        return None if pair is None else pair[0]

    def current_verdicts(self) -> Sequence[tuple[NewPattern, PatternVerdict]]:
        """Return the patterns with their newest verdicts, ordered by these."""
        return list(self._current.values())
