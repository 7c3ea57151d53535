"""What annotators said of suggested patterns, and what of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from nerture.errors import DataError
from nerture.sessions.answers.validation import check_name, check_seconds
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion

JudgedAs = Literal["accept", "reject"]
JUDGED_AS: tuple[JudgedAs, ...] = get_args(JudgedAs)


@dataclass(frozen=True, slots=True)
class PatternVerdict:
    """What an annotator says of a suggested pattern.

    ``id`` is made by whoever sends it: sent twice, it counts once. ``suggestion`` is the pattern's id;
    ``time`` is in seconds since 1970.
    """

    id: str
    suggestion: str
    verdict: JudgedAs
    annotator: str
    time: float = 0.0


def check_judgement(judgement: PatternVerdict) -> None:
    """Raise ``DataError`` for an id, a name, a time or a verdict that could not be kept."""
    check_name("judgement: id", judgement.id)
    check_name("annotator", judgement.annotator)
    check_seconds(f"judgement {judgement.id}: time", judgement.time)
    if judgement.verdict not in JUDGED_AS:
        raise DataError(f"verdict: expected {', '.join(JUDGED_AS)}, got {judgement.verdict!r}")


class PatternVerdicts:
    """The judgements of a log: of each pattern the newest counts, whoever it is from."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._standing: dict[str, tuple[NewPattern, PatternVerdict]] = {}

    def add(self, pattern: NewPattern, judgement: PatternVerdict) -> None:
        """Fold a judgement in; the same one again changes nothing."""
        if judgement.id not in self._ids:
            self._ids.add(judgement.id)
            self._standing.pop(pattern.id, None)
            self._standing[pattern.id] = pattern, judgement

    def knows(self, id: str) -> bool:
        """Say whether a judgement of that id came in."""
        return id in self._ids

    def left(self, suggestions: Iterable[PatternSuggestion]) -> list[PatternSuggestion]:
        """Return those of the suggestions that nobody has judged."""
        return [one for one in suggestions if one.id not in self._standing]

    def find(self, suggestion: str) -> NewPattern | None:
        """Return the pattern of that id, if it was judged."""
        found = self._standing.get(suggestion)
        return None if found is None else found[0]

    def standing(self) -> Sequence[tuple[NewPattern, PatternVerdict]]:
        """Return what stands, in the order in which it was judged."""
        return list(self._standing.values())
