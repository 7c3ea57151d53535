"""``CompiledPatterns``: patterns made ready for matching under any overlap policy; what a file can keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.annotations.record import Problem
from nerture.core.text.doc import Doc, Offsets
from nerture.patterns.language import Pattern, refuse
from nerture.patterns.literals import LiteralIndex, LiteralIndexBuilder
from nerture.patterns.required_literals import Gate, find_gate

if TYPE_CHECKING:
    import numpy.typing as npt

SAMPLE = 200
"""Phrases that are kept as they were written, to tell whether another tokenizer cuts them alike: the first
of those that hold more than letters or were cut, for tokenizers differ there."""

Tokenizer = Callable[[str], Offsets]
"""Text to int32 (N, 2): ``[start_char, end_char)`` of each token."""


@dataclass(frozen=True, slots=True)
class CompiledPatterns:
    """Patterns by their rows, counted from 0.

    ``labels`` are those of all, and ``label_of``, int32 (P), says which of them each pattern has; ``ids`` (P)
    are its names. Patterns that are sequences of literal values are in ``indexes`` alone, one for each
    attribute. The others are ``rules``, of which those with a gate are looked for only where an index finds
    it. ``sample`` are some phrases, and the words that they were cut into.
    """

    labels: tuple[str, ...]
    label_of: npt.NDArray[np.int32]
    ids: list[str]
    indexes: tuple[LiteralIndex, ...]
    rules: dict[int, Pattern]
    gates: dict[int, Gate]
    sample: tuple[tuple[str, tuple[str, ...]], ...]

    def __len__(self) -> int:
        return len(self.ids)


def compile_patterns(patterns: Iterable[Pattern], tokenizer: Tokenizer | None = None) -> CompiledPatterns:
    """Compile patterns; ``tokenizer`` cuts the exact phrases (default: English).

    Raises ``PatternError`` when a phrase has no tokens.
    """
    labels: dict[str, int] = {}
    label_of: list[int] = []
    ids: list[str] = []
    builders: dict[str, LiteralIndexBuilder] = {}
    rules: dict[int, Pattern] = {}
    gates: dict[int, Gate] = {}
    phrases: list[tuple[str, tuple[str, ...]]] = []
    problems: list[Problem] = []

    def add(attribute: str, values: Sequence[str], row: int) -> None:
        builder = builders.get(attribute) or builders.setdefault(attribute, LiteralIndexBuilder(attribute))
        builder.add(values, row)

    for row, pattern in enumerate(patterns):
        label_of.append(labels.setdefault(pattern.label, len(labels)))
        ids.append(pattern.id)
        if pattern.phrase is not None:
            words = Doc(pattern.phrase, tokenizer).words
            if words:
                add("ORTH", words, row)
                if len(phrases) < SAMPLE and (len(words) > 1 or not pattern.phrase.isalpha()):
                    phrases.append((pattern.phrase, tuple(words)))
            else:
                problems.append(
                    Problem(pattern.origin, "empty-pattern", "the phrase has no tokens", pattern.phrase)
                )
            continue
        gate = find_gate(pattern)
        if gate is not None:
            for sequence in gate.sequences:
                add(gate.attribute, sequence, row)
        if gate is None or not gate.whole:
            rules[row] = pattern
            if gate is not None:
                gates[row] = gate
    refuse(problems)
    return CompiledPatterns(
        tuple(labels), np.array(label_of, np.int32), ids,
        tuple(builder.build() for builder in builders.values()), rules, gates, tuple(phrases),
    )  # fmt: skip
