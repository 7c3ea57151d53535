"""New patterns, suggested by accepted spans."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nerture.core.annotations.pattern_stats import PatternCounts
from nerture.core.content_hash import content_hash
from nerture.core.targets.target import Target
from nerture.sessions.patterns.pattern_stats import PRIOR_ANSWERS
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.surface_index import Surface
from nerture.sessions.pool.text import Text

EVEN_PRIOR = 0.5
MIN_RELIABILITY = 0.65
"""Minimum reliability of a suggested surface; without any evidence it is ``EVEN_PRIOR``."""
MIN_ACCEPTED = 2
"""Accepted places a surface needs for that, if it is never rejected; with fewer it is not searched for."""

Key = tuple[Surface, str]
"""A surface and its label."""


@dataclass(frozen=True)
class NewPattern:
    """A new pattern: these words, matched case-insensitively, are entities of ``label``."""

    words: Surface
    label: str

    @cached_property
    def id(self) -> str:
        """Content hash of the words and the label."""
        return content_hash([self.label, *self.words])

    def row(self) -> str:
        """Return the pattern as a line of a pattern file."""
        row = {"label": self.label, "pattern": [{"LOWER": word} for word in self.words]}
        line = json.dumps(row, ensure_ascii=False)
        return (
            line if line.isprintable() else json.dumps(row)
        )  # lone surrogates cannot be written as they are


@dataclass(frozen=True)
class PatternSuggestion(NewPattern):
    """A pattern with the evidence for it.

    ``accepted`` and ``rejected`` count its occurrences in answered texts; ``elsewhere`` those in texts
    without answers, which the pattern would find.
    """

    accepted: int
    rejected: int
    elsewhere: int

    @property
    def reliability(self) -> float:
        """The posterior mean of the share of its hits that are right."""
        return PatternCounts(self.accepted, self.rejected).reliability(EVEN_PRIOR, PRIOR_ANSWERS)


@dataclass(frozen=True, slots=True)
class _TextState:
    """What is known about a text; ``target`` is None for an answered text that nothing is learned from."""

    target: Target | None
    is_answered: bool


@dataclass(slots=True)
class _Count:
    accepted: int = 0
    rejected: int = 0
    elsewhere: int = 0
    covered: bool = False


class PatternSuggestions:
    """Counts accepted surfaces as answers are added and undone, without double counting.

    The result is a function of the pool and the last ``update`` of each text.
    """

    def __init__(self, pool: Pool, labels: Sequence[str]) -> None:
        self.pool, self.labels = pool, frozenset(labels)
        self._states: dict[int, _TextState] = {}
        self._spans: Counter[Key] = Counter()
        self._counts: dict[Key, _Count] = {}
        self._searched: dict[Surface, tuple[Key, ...]] = {}
        self._known: dict[str, NewPattern] = {}

    def prefetch(self, targets: Sequence[Target]) -> None:
        """Search at once for all surfaces that updates with these targets will need."""
        accepted: Counter[Surface] = Counter()
        for target in targets:
            words = [word.lower() for word in target.doc.words]
            accepted.update(tuple(words[span.start : span.end]) for span in target.spans)
        self.pool.surface_index.search(
            surface for surface, count in accepted.items() if count >= MIN_ACCEPTED
        )

    def update(self, text: Text, target: Target | None, is_answered: bool) -> None:
        """Set what the answers say about a text; ``target`` is None if nothing is learned from it."""
        self._count(text, -1)
        self._spans.subtract(self._accepted_surfaces(text))
        self._states[text.number] = _TextState(target, is_answered)
        self._count(text, 1)
        for key in (accepted := self._accepted_surfaces(text)):
            self._spans[key] += accepted[key]
            if self._spans[key] >= MIN_ACCEPTED and key not in self._counts:
                self._start(key)

    def find(self, id: str) -> NewPattern | None:
        """Return the pattern with this id; None if too few of its spans were ever accepted."""
        return self._known.get(id)

    def rank(self) -> list[PatternSuggestion]:
        """Return reliable surfaces that no pattern finds, those that would find most first."""
        suggestions = [
            PatternSuggestion(*key, count.accepted, count.rejected, count.elsewhere)
            for key, count in self._counts.items()
            if not count.covered
        ]
        reliable = [suggestion for suggestion in suggestions if suggestion.reliability >= MIN_RELIABILITY]
        return sorted(reliable, key=lambda item: (-item.elsewhere * item.reliability, item.words, item.label))

    def _accepted_surfaces(self, text: Text) -> Counter[Key]:
        """Return the accepted surfaces of a text."""
        state = self._states.get(text.number)
        if state is None or state.target is None or not state.target.spans:
            return Counter()
        words = [word.lower() for word in text.doc.words]
        return Counter(
            (tuple(words[span.start : span.end]), span.label)
            for span in state.target.spans
            if span.label in self.labels
        )

    def _start(self, key: Key) -> None:
        """Start searching for a surface, and count it in all texts."""
        pattern = NewPattern(*key)
        self._known[pattern.id] = pattern
        count = self._counts[key] = _Count()
        surface, label = key
        self._searched[surface] = *self._searched.get(surface, ()), key
        for number, start in self.pool.surface_index.find_places(surface):
            place = start, start + len(surface), label
            hits = self.pool[number].hits
            count.covered = count.covered or any(hit.key == place for hit in hits)
            self._add(key, number, start, 1)

    def _count(self, text: Text, by: int) -> None:
        """Count the searched surfaces in a text (``by`` 1), or remove them (``by`` -1)."""
        words = [word.lower() for word in text.doc.words]
        for length in {len(surface) for surface in self._searched}:
            for start in range(len(words) - length + 1):
                for key in self._searched.get(tuple(words[start : start + length]), ()):
                    self._add(key, text.number, start, by)

    def _add(self, key: Key, number: int, start: int, by: int) -> None:
        """Count one place of a surface in a text (``by`` 1), or remove it (``by`` -1)."""
        surface, label = key
        count, state = self._counts[key], self._states.get(number)
        if state is None or not state.is_answered:
            count.elsewhere += by
        elif state.target is not None:
            place = start, start + len(surface), label
            if any(span.key == place for span in state.target.spans):
                count.accepted += by
            elif _is_wrong(state.target, place):
                count.rejected += by


def _is_wrong(target: Target, place: tuple[int, int, str]) -> bool:
    """Return whether a target rules out a span that it does not accept."""
    return target.is_complete_for(place[2]) or any(span.key == place for span in target.rejected)
