"""New patterns, suggested by what was accepted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nerture.core.pattern_records import PatternRecord
from nerture.core.target import Target
from nerture.sessions.pool import Pool
from nerture.sessions.records import PRIOR_ANSWERS

EVEN = 0.5
LEAST = 0.6
"""Reliability that a surface has at least to be suggested; nothing is known of it at 0.5."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pattern that nobody has written yet: these words, in any case, are entities of ``label``.

    ``accepted`` and ``rejected`` count its occurrences in the texts that were answered about; ``elsewhere``
    those in texts that nobody was asked about: what it would bring.
    """

    words: tuple[str, ...]
    label: str
    accepted: int
    rejected: int
    elsewhere: int

    @property
    def reliability(self) -> float:
        """The posterior mean of the share of its hits that are right."""
        return PatternRecord(self.accepted, self.rejected).reliability(EVEN, PRIOR_ANSWERS)

    def row(self) -> str:
        """Return the pattern as a line of a pattern file."""
        pattern = [{"LOWER": word} for word in self.words]
        return json.dumps({"label": self.label, "pattern": pattern}, ensure_ascii=False)


def suggestions(pool: Pool, targets: Iterable[Target], labels: Sequence[str]) -> list[Suggestion]:
    """Return surfaces that were accepted, that no pattern finds, and that are reliable.

    Those that would bring most come first. An occurrence counts as rejected where it was, and where a text is
    complete without it.
    """
    found: Counter[tuple[tuple[str, ...], str]] = Counter()
    answered: dict[str, Target] = {}
    for target in targets:
        answered[target.doc.text] = target
        words = [word.lower() for word in target.doc.words]
        for span in target.spans:
            if span.label in labels:
                found[tuple(words[span.start : span.end]), span.label] += 1
    by_first: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for key in found:
        by_first[key[0][0]].append(key)
    rejected: Counter[tuple[tuple[str, ...], str]] = Counter()
    elsewhere: Counter[tuple[tuple[str, ...], str]] = Counter()
    covered: set[tuple[tuple[str, ...], str]] = set()
    for text in pool.texts:
        words = [word.lower() for word in text.doc.words]
        hits = {(hit.start, hit.end, hit.label) for hit in text.hits}
        known = answered.get(text.doc.text)
        for start, word in enumerate(words):
            for key in by_first.get(word, ()):
                end = start + len(key[0])
                if tuple(words[start:end]) != key[0]:
                    continue
                if (start, end, key[1]) in hits:
                    covered.add(key)
                elif known is None:
                    elsewhere[key] += 1
                else:
                    rejected[key] += _wrong(known, start, end, key[1])
    offers = [
        Suggestion(*key, count, rejected[key], elsewhere[key])
        for key, count in found.items()
        if key not in covered
    ]
    kept = [offer for offer in offers if offer.reliability >= LEAST]
    return sorted(kept, key=lambda offer: (-offer.elsewhere * offer.reliability, offer.words))


def _wrong(target: Target, start: int, end: int, label: str) -> bool:
    """Say whether a target says that a span is not there."""
    key = start, end, label
    if any((span.start, span.end, span.label) == key for span in target.spans):
        return False
    return target.complete_for(label) or any(
        (span.start, span.end, span.label) == key for span in target.rejected
    )
