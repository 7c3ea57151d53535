"""New patterns, suggested by what was accepted."""

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

EVEN = 0.5
MIN_RELIABILITY = 0.65
"""Reliability that a surface has at least to be suggested; nothing is known of it at 0.5."""
MIN_ACCEPTED = 2
"""Places where a surface has to be accepted for that, if never rejected: until then nobody looks for it."""

Key = tuple[Surface, str]
"""A surface and its label."""


@dataclass(frozen=True)
class NewPattern:
    """A pattern that nobody has written yet: these words, in any case, are entities of ``label``."""

    words: Surface
    label: str

    @cached_property
    def id(self) -> str:
        """The identity of the pattern: the same words and label have the same id, whoever suggests them."""
        return content_hash([self.label, *self.words])

    def row(self) -> str:
        """Return the pattern as a line of a pattern file."""
        row = {"label": self.label, "pattern": [{"LOWER": word} for word in self.words]}
        line = json.dumps(row, ensure_ascii=False)
        return line if line.isprintable() else json.dumps(row)  # half a character cannot be written as it is


@dataclass(frozen=True)
class PatternSuggestion(NewPattern):
    """A pattern with what speaks for it.

    ``accepted`` and ``rejected`` count its occurrences in the texts that were answered about; ``elsewhere``
    those in texts that nobody was asked about: what it would bring.
    """

    accepted: int
    rejected: int
    elsewhere: int

    @property
    def reliability(self) -> float:
        """The posterior mean of the share of its hits that are right."""
        return PatternCounts(self.accepted, self.rejected).reliability(EVEN, PRIOR_ANSWERS)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known of a text: nothing to go by where it was asked about, and ``target`` is None."""

    target: Target | None
    asked: bool


@dataclass(slots=True)
class _Count:
    accepted: int = 0
    rejected: int = 0
    elsewhere: int = 0
    covered: bool = False


class PatternSuggestions:
    """Counts accepted surfaces as answers come and go, so that nothing is counted twice.

    It is a function of the pool and of what it was last told of each text; ``tell`` is the only way in.
    """

    def __init__(self, pool: Pool, labels: Sequence[str]) -> None:
        self.pool, self.labels = pool, frozenset(labels)
        self._said: dict[int, _Said] = {}
        self._spans: Counter[Key] = Counter()
        self._counts: dict[Key, _Count] = {}
        self._looked_for: dict[Surface, tuple[Key, ...]] = {}
        self._known: dict[str, NewPattern] = {}

    def expect(self, targets: Sequence[Target]) -> None:
        """Look at once for what several texts that are about to be told will ask for one by one."""
        accepted: Counter[Surface] = Counter()
        for target in targets:
            words = [word.lower() for word in target.doc.words]
            accepted.update(tuple(words[span.start : span.end]) for span in target.spans)
        self.pool.occurrences.find(surface for surface, count in accepted.items() if count >= MIN_ACCEPTED)

    def tell(self, text: Text, target: Target | None, asked: bool) -> None:
        """Take note of what answers say of a text now; None: nothing to go by, be it ``asked`` about."""
        self._count(text, -1)
        self._spans.subtract(self._surfaces(text))
        self._said[text.number] = _Said(target, asked)
        self._count(text, 1)
        for key in (accepted := self._surfaces(text)):
            self._spans[key] += accepted[key]
            if self._spans[key] >= MIN_ACCEPTED and key not in self._counts:
                self._begin(key)

    def find(self, id: str) -> NewPattern | None:
        """Return the pattern of that id, if enough spans that it finds were accepted at any time."""
        return self._known.get(id)

    def best(self) -> list[PatternSuggestion]:
        """Return what no pattern finds, and what is reliable; those that would bring most come first."""
        offers = [
            PatternSuggestion(*key, count.accepted, count.rejected, count.elsewhere)
            for key, count in self._counts.items()
            if not count.covered
        ]
        kept = [offer for offer in offers if offer.reliability >= MIN_RELIABILITY]
        return sorted(
            kept, key=lambda offer: (-offer.elsewhere * offer.reliability, offer.words, offer.label)
        )

    def _surfaces(self, text: Text) -> Counter[Key]:
        """Return the surfaces that are accepted in a text."""
        said = self._said.get(text.number)
        if said is None or said.target is None or not said.target.spans:
            return Counter()
        words = [word.lower() for word in text.doc.words]
        return Counter(
            (tuple(words[span.start : span.end]), span.label)
            for span in said.target.spans
            if span.label in self.labels
        )

    def _begin(self, key: Key) -> None:
        """Count a surface that was not looked for so far, in all texts."""
        pattern = NewPattern(*key)
        self._known[pattern.id] = pattern
        count = self._counts[key] = _Count()
        surface, label = key
        self._looked_for[surface] = *self._looked_for.get(surface, ()), key
        for number, start in self.pool.occurrences.of(surface):
            place = start, start + len(surface), label
            hits = self.pool[number].hits
            count.covered = count.covered or place in {(hit.start, hit.end, hit.label) for hit in hits}
            self._add(key, number, start, 1)

    def _count(self, text: Text, by: int) -> None:
        """Count what is looked for and is in a text, as things stand, or take it back."""
        words = [word.lower() for word in text.doc.words]
        for length in {len(surface) for surface in self._looked_for}:
            for start in range(len(words) - length + 1):
                for key in self._looked_for.get(tuple(words[start : start + length]), ()):
                    self._add(key, text.number, start, by)

    def _add(self, key: Key, number: int, start: int, by: int) -> None:
        """Count one place of a surface in a text, or take it back."""
        surface, label = key
        count, said = self._counts[key], self._said.get(number)
        if said is None or not said.asked:
            count.elsewhere += by
        elif said.target is not None:
            place = start, start + len(surface), label
            if any((span.start, span.end, span.label) == place for span in said.target.spans):
                count.accepted += by
            elif _wrong(said.target, place):
                count.rejected += by


def _wrong(target: Target, place: tuple[int, int, str]) -> bool:
    """Say whether a target says that a span, which it does not accept, is not there."""
    return target.complete_for(place[2]) or any(
        (span.start, span.end, span.label) == place for span in target.rejected
    )
