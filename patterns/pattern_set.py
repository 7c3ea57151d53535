"""Patterns compiled for matching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.errors import SettingError
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.patterns.compiled import CompiledPatterns, Tokenizer, compile_patterns
from nerture.patterns.hits import choose_disjoint, make_matches, sort_hits
from nerture.patterns.language import Pattern
from nerture.patterns.nfa import Nfa, Token
from nerture.patterns.overlap import DEFAULT_MAX_TOKENS, POLICIES, Hit, Overlap, choose_hits
from nerture.patterns.predicates import TokenTest
from nerture.patterns.row_errors import suggest
from nerture.patterns.value_cache import ValueCache

if TYPE_CHECKING:
    import numpy.typing as npt

Hits: TypeAlias = "npt.NDArray[np.int32]"
"""int32 (H, 3): tokens ``[start, end)`` and the row of the pattern."""
_NO_HITS: Hits = np.zeros((0, 3), np.int32)


class PatternSet:
    """Patterns compiled for matching; a matcher that may be called from several threads.

    Patterns that are sequences of literal values of one attribute are found by one automaton per attribute.
    Every other pattern has an ``Nfa``, which starts only where literal values that the pattern requires were
    found or, if it requires none, at tokens that can be its first.
    """

    def __init__(
        self,
        patterns: Iterable[Pattern] | CompiledPatterns,
        tokenizer: Tokenizer | None = None,
        overlap: Overlap = "longest",
        max_tokens: int = DEFAULT_MAX_TOKENS,
    ) -> None:
        """Compile ``patterns``, unless they are; ``tokenizer`` splits the exact phrases (default: English).

        Raises ``PatternError`` if a phrase has no tokens, and ``SettingError`` for an unknown policy or a
        limit below 1.
        """
        if overlap not in POLICIES:
            raise SettingError(f"overlap: unknown policy {overlap!r}; {suggest(str(overlap), POLICIES)}")
        if max_tokens < 1:
            raise SettingError(f"max_tokens: expected 1 or more, got {max_tokens}")
        if isinstance(patterns, CompiledPatterns):
            compiled = patterns
        else:
            compiled = compile_patterns(patterns, tokenizer)
        self.labels = compiled.labels
        self.compiled = compiled
        self._label_of = [self.labels[number] for number in compiled.label_of.tolist()]
        self.overlap = overlap
        self._gates = compiled.gates
        self._machines = {row: Nfa(pattern, max_tokens) for row, pattern in compiled.rules.items()}
        by_first: dict[tuple[TokenTest, ...], list[int]] = {}
        for row, machine in self._machines.items():
            if row not in self._gates:
                by_first.setdefault(machine.first, []).append(row)
        self._ungated = by_first
        self._beginners: ValueCache[Token, tuple[int, ...]] = ValueCache(self._find_beginners)
        self._uses_space = any(
            element.test.space is not None
            for pattern in compiled.rules.values()
            for element in pattern.elements
        )

    def __len__(self) -> int:
        return len(self.compiled)

    def __call__(self, doc: Doc) -> list[Match]:
        """Return the matches in ``doc``, as ``match`` does: a pattern set is a matcher."""
        return self.match(doc)

    def match(self, doc: Doc) -> list[Match]:
        """Return the matches in ``doc`` that the overlap policy keeps, in order of start, end and pattern.

        Two patterns of the same label and id that match the same tokens give one match.
        """
        forms = doc.words
        found: list[Hits] = []
        for index in self.compiled.indexes:
            found.append(index.find_hits(forms))
        if not self._machines:
            return self._without_machines(found, len(forms))
        hits, starts = self._find_gated(found)
        if self._ungated or starts:
            spaces = _find_spaces(doc) if self._uses_space else [False] * len(forms)
            tokens: list[Token] = list(zip(forms, spaces, strict=True))
            if self._ungated:
                for place, rows in enumerate(self._beginners.all(tokens)):
                    for row in rows:
                        starts.add((row, place))
        if not starts:
            return self._without_machines([_to_array(hits)], len(forms))
        machines, length = self._machines, len(tokens)
        if self.overlap == "all":
            for row, start in starts:
                hits.extend((start, end, row) for end in machines[row].ends(tokens, start, length))
            return self._keep_all(_to_array(hits))
        for row, start in starts:
            if end := machines[row].end(tokens, start, length):
                hits.append((start, end, row))

        def shorten(start: int, stop: int, row: int) -> int:
            return machines[row].end(tokens, start, stop) if row in machines else 0

        return self._make_matches(_to_array(choose_hits(hits, self.overlap, len(forms), shorten)))

    def _without_machines(self, found: Sequence[Hits], length: int) -> list[Match]:
        """Return the matches if there are only literal patterns, whose hits cannot be shortened."""
        hits = found[0] if len(found) == 1 else np.concatenate([_NO_HITS, *found])
        if self.overlap == "all":
            return self._keep_all(hits)
        return self._make_matches(choose_disjoint(hits, self.overlap, length))

    def _keep_all(self, hits: Hits) -> list[Match]:
        """Return a match for each hit; patterns of the same label and id give equal matches once."""
        found = self._make_matches(sort_hits(hits))
        return list(dict.fromkeys(found)) if self._shared_names else found

    @cached_property
    def _shared_names(self) -> bool:
        """Whether two patterns have the same label and id."""
        compiled = self.compiled
        return len(set(zip(compiled.label_of.tolist(), compiled.ids, strict=True))) < len(compiled)

    def _find_gated(self, found: Sequence[Hits]) -> tuple[list[Hit], set[tuple[int, int]]]:
        """Return the hits of literal patterns, and (row, start) where a gate lets another pattern start."""
        starts: set[tuple[int, int]] = set()
        gates, machines = self._gates, self._machines
        hits: list[Hit] = []
        for part in found:
            for start, end, row in part.tolist():
                gate = gates.get(row)
                if gate is None:
                    hits.append((start, end, row))
                else:
                    farthest = machines[row].longest if gate.farthest is None else gate.farthest
                    first = max(0, start - farthest)
                    starts.update([(row, place) for place in range(first, start - gate.nearest + 1)])
        return hits, starts

    def _find_beginners(self, token: Token) -> tuple[int, ...]:
        """Return the rows of the patterns without a gate that can start with this token."""
        form, space = token
        beginners: list[int] = []
        for tests, rows in self._ungated.items():
            for test in tests:
                if test.holds(form, space):
                    beginners += rows
                    break
        return tuple(beginners)

    def _make_matches(self, hits: Hits) -> list[Match]:
        return make_matches(hits, self._label_of, self.compiled.ids)


def _to_array(hits: list[Hit]) -> Hits:
    return np.array(hits, np.int32).reshape(-1, 3)


def _find_spaces(doc: Doc) -> list[bool]:
    """Return for each token whether a space follows."""
    text = doc.text
    return [text[end : end + 1] == " " for end in doc.offsets[:, 1].tolist()]
