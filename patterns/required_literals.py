"""The literal values that a pattern cannot do without: all of it, or a gate to the rest."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nerture.patterns.language import Element, Pattern
from nerture.patterns.nfa import extent
from nerture.patterns.predicates import Among, Equal, TokenTest

MAX_ALTERNATIVES = 256
"""How many sequences an ``IN`` may be written out to before the pattern goes to its automaton instead."""

MAX_TOKENS = 4096
"""And how many tokens these may have together, for a repeated element is written out, too."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Values of one attribute that stand side by side in every match of a pattern.

    ``sequences`` are the alternatives. A match begins at least ``nearest`` and at most ``farthest`` tokens
    before them (None: anywhere before). ``whole``: the pattern is nothing but this gate.
    """

    attribute: str
    sequences: tuple[tuple[str, ...], ...]
    nearest: int
    farthest: int | None
    whole: bool


def find_gate(pattern: Pattern) -> Gate | None:
    """Return the gate that is expected to open least often; None if no literal value is required."""
    best: tuple[tuple[int, ...], Gate] | None = None
    for first, last, attribute in _runs(pattern.elements):
        run = pattern.elements[first:last]
        choices = [values for element in run for values in [_values(element.test, attribute)] * element.least]
        sequences = tuple(itertools.product(*choices))
        nearest, farthest = extent(pattern.elements[:first])
        if run == pattern.elements and all(_is_literal(element) for element in run):
            return Gate(attribute, sequences, nearest, farthest, whole=True)
        # many words share a shape: last resort; then the longer run, then the fewer alternatives
        merit = (attribute != "SHAPE", farthest is not None, len(choices), -len(sequences))
        if best is None or merit > best[0]:
            best = merit, Gate(attribute, sequences, nearest, farthest, whole=False)
    return best[1] if best else None


def _runs(elements: Sequence[Element]) -> Iterator[tuple[int, int, str]]:
    """Yield stretches ``[first, last)`` of required elements with literal values of one attribute.

    An element that may be repeated ends a run or is one: the tokens after its first ones are not fixed.
    """
    for first, element in enumerate(elements):
        for attribute in _attributes(element.test):
            alternatives, tokens, last = 1, 0, first
            while last < len(elements) and elements[last].least:
                alternatives *= len(_values(elements[last].test, attribute)) ** elements[last].least
                tokens += elements[last].least
                if not 0 < alternatives <= MAX_ALTERNATIVES or alternatives * tokens > MAX_TOKENS:
                    break
                last += 1
                if elements[last - 1].most != elements[last - 1].least:
                    break
            if last > first:
                yield first, last, attribute


def _attributes(test: TokenTest) -> list[str]:
    return [] if test.negated else list(dict.fromkeys(
        condition.attribute.name
        for condition in test.conditions
        if condition.attribute.kind == "text" and isinstance(condition.predicate, (Equal, Among))
    ))  # fmt: skip


def _values(test: TokenTest, attribute: str) -> tuple[str, ...]:
    """Return the values that the test's first literal condition allows the attribute; () without one."""
    if test.negated:
        return ()
    for condition in test.conditions:
        if condition.attribute.name == attribute:
            if isinstance(condition.predicate, Equal):
                return (str(condition.predicate.value),)
            if isinstance(condition.predicate, Among) and condition.predicate.inside:
                return tuple(sorted(map(str, condition.predicate.values)))
    return ()


def _is_literal(element: Element) -> bool:
    """Say whether the element asks for literal values of one attribute, so many times, and nothing else."""
    return element.least == element.most and len(element.test.conditions) == 1 and element.test.space is None
