"""``CompiledPatterns``: patterns prepared for matching under any overlap policy, which can be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.annotations.record import Problem
from nerture.core.text.doc import Doc, Offsets
from nerture.patterns.language import Pattern, raise_problems
from nerture.patterns.literals import LiteralIndex, LiteralIndexBuilder
from nerture.patterns.required_literals import Gate, find_gate

if TYPE_CHECKING:
    import numpy.typing as npt

SAMPLE = 200
"""Number of phrases that are kept to check later whether another tokenizer splits them alike: the first ones
that were split or contain more than letters, where tokenizers differ."""

Tokenizer = Callable[[str], Offsets]
"""Text to int32 (N, 2): ``[start_char, end_char)`` of each token."""


@dataclass(frozen=True, slots=True)
class CompiledPatterns:
    """Patterns by row, counted from 0.

    ``label_of``, int32 (P), is the index in ``labels`` of each pattern's label; ``ids`` (P) are the patterns'
    ids. Patterns that are sequences of literal values are only in ``indexes``, of which there is one for each
    attribute. The others are ``rules``; those with a gate are tried only where an index finds the gate.
    ``sample`` are some phrases with the words that they were split into.
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
    """Compile patterns; ``tokenizer`` splits the exact phrases (default: English).

    Raises ``PatternError`` if a phrase has no tokens.
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
    raise_problems(problems)
    return CompiledPatterns(
        tuple(labels), np.array(label_of, np.int32), ids,
        tuple(builder.build() for builder in builders.values()), rules, gates, tuple(phrases),
    )  # fmt: skip
