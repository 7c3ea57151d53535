"""Patterns compiled for matching."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from nerture.core.doc import Doc, Offsets
from nerture.core.errors import SettingError
from nerture.core.match import Match
from nerture.core.records import Problem
from nerture.patterns.attributes import ATTRIBUTES
from nerture.patterns.form_table import FormTable
from nerture.patterns.gates import Gate, find_gate
from nerture.patterns.language import Pattern, refuse
from nerture.patterns.literals import LiteralIndex
from nerture.patterns.machine import Machine, Token
from nerture.patterns.mistakes import nearest
from nerture.patterns.overlap import POLICIES, Hit, Overlap, choose
from nerture.patterns.predicates import TokenTest

MAX_TOKENS = 64
"""Default bound, in tokens, of the matches of a pattern that has no upper bound of its own."""


class PatternSet:
    """Patterns compiled for matching; a matcher that may be called from several threads.

    Patterns that are sequences of literal values of one attribute are found by one automaton per attribute.
    Every other pattern has a ``Machine``, which is started only where literal values that the pattern
    requires were found or, if it requires none, where a token can be its first.
    """

    def __init__(
        self,
        patterns: Iterable[Pattern],
        tokenizer: Callable[[str], Offsets] | None = None,
        overlap: Overlap = "longest",
        max_tokens: int = MAX_TOKENS,
    ) -> None:
        """Compile ``patterns``; ``tokenizer`` cuts the exact phrases (default: English).

        Raises ``PatternError`` when a phrase has no tokens, ``SettingError`` for an unknown policy or a bound
        below 1.
        """
        if overlap not in POLICIES:
            raise SettingError(f"overlap: unknown policy {overlap!r}; {nearest(str(overlap), POLICIES)}")
        if max_tokens < 1:
            raise SettingError(f"max_tokens must be at least 1, not {max_tokens}")
        self.patterns = tuple(patterns)
        self.labels = tuple(dict.fromkeys(pattern.label for pattern in self.patterns))
        self._names = [(pattern.label, pattern.id) for pattern in self.patterns]
        self._shared_names = len(set(self._names)) < len(self._names)
        self.overlap = overlap
        self._gates: dict[int, Gate] = {}
        self._machines: dict[int, Machine] = {}
        sequences: dict[str, list[tuple[Sequence[str], int]]] = {}
        for row, words in self._phrases(tokenizer):
            sequences.setdefault("ORTH", []).append((words, row))
        by_first: dict[tuple[TokenTest, ...], list[int]] = {}
        for row, pattern in enumerate(self.patterns):
            if pattern.phrase is not None:
                continue
            gate = find_gate(pattern)
            if gate:
                found = sequences.setdefault(gate.attribute, [])
                found.extend((sequence, row) for sequence in gate.sequences)
            if gate is None or not gate.whole:
                machine = self._machines[row] = Machine(pattern, max_tokens)
                if gate:
                    self._gates[row] = gate
                else:
                    by_first.setdefault(machine.first, []).append(row)
        self._indexes = [LiteralIndex(_text_of(name), found) for name, found in sequences.items()]
        self._ungated = by_first
        self._beginners: FormTable[Token, tuple[int, ...]] = FormTable(self._beginning)
        self._uses_space = any(
            element.test.space is not None for pattern in self.patterns for element in pattern.elements
        )

    def __len__(self) -> int:
        return len(self.patterns)

    def __call__(self, doc: Doc) -> list[Match]:
        """Return the matches in ``doc``, as ``match`` does: a pattern set is a matcher."""
        return self.match(doc)

    def match(self, doc: Doc) -> list[Match]:
        """Return the matches in ``doc`` that the overlap policy keeps, in order of start, end and pattern.

        Two patterns of the same label and id that match the same tokens give one match.
        """
        forms = doc.words
        hits, starts = self._look_up(forms)
        tokens: list[Token] = []
        if starts or self._ungated:
            tokens = list(zip(forms, _spaces(doc) if self._uses_space else [False] * len(forms), strict=True))
            if self._ungated:
                for place, rows in enumerate(self._beginners.all(tokens)):
                    starts.update((row, place) for row in rows)
        machines, length = self._machines, len(tokens)
        if self.overlap == "all":
            for row, start in starts:
                hits.extend((start, end, row) for end in machines[row].ends(tokens, start, length))
            hits.sort()
            found = self._matches(hits)
            return list(dict.fromkeys(found)) if self._shared_names else found
        for row, start in starts:
            if end := machines[row].end(tokens, start, length):
                hits.append((start, end, row))

        def shorten(start: int, stop: int, row: int) -> int:
            return machines[row].end(tokens, start, stop) if row in machines else 0

        return self._matches(choose(hits, self.overlap, len(forms), shorten))

    def _look_up(self, forms: list[str]) -> tuple[list[Hit], set[tuple[int, int]]]:
        """Return the hits of literal patterns, and (row, start) wherever a gate lets another one begin."""
        found = [hit for index in self._indexes for hit in index.hits(forms)]
        starts: set[tuple[int, int]] = set()
        gates, machines = self._gates, self._machines
        if not gates:
            return found, starts
        hits: list[Hit] = []
        for hit in found:
            start, _, row = hit
            gate = gates.get(row)
            if gate is None:
                hits.append(hit)
            else:
                farthest = machines[row].longest if gate.farthest is None else gate.farthest
                first = max(0, start - farthest)
                starts.update([(row, place) for place in range(first, start - gate.nearest + 1)])
        return hits, starts

    def _phrases(self, tokenizer: Callable[[str], Offsets] | None) -> Iterator[tuple[int, list[str]]]:
        """Yield each exact phrase's row and words; raises ``PatternError`` for those that have no tokens."""
        problems: list[Problem] = []
        for row, pattern in enumerate(self.patterns):
            if pattern.phrase is not None:
                words = Doc(pattern.phrase, tokenizer).words
                if words:
                    yield row, words
                else:
                    problems.append(
                        Problem(pattern.origin, "empty-pattern", "the phrase has no tokens", pattern.phrase)
                    )
        refuse(problems)

    def _beginning(self, token: Token) -> tuple[int, ...]:
        """Return the rows of the patterns without a gate whose first token this can be."""
        form, space = token
        return tuple(
            row
            for tests, rows in self._ungated.items()
            if any(test.holds(form, space) for test in tests)
            for row in rows
        )

    def _matches(self, hits: list[Hit]) -> list[Match]:
        names = self._names
        return [Match(start, end, *names[row]) for start, end, row in hits]


def _text_of(attribute: str) -> Callable[[str], str]:
    """Return the function that computes a text attribute."""
    of = ATTRIBUTES[attribute].of
    return lambda form: str(of(form))


def _spaces(doc: Doc) -> list[bool]:
    """Say of each token whether a space follows."""
    text = doc.text
    return [text[end : end + 1] == " " for end in doc.offsets[:, 1].tolist()]
