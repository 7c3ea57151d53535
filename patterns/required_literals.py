"""The literal values that every match of a pattern contains: all of the pattern, or a gate to the rest."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nerture.patterns.language import Element, Pattern
from nerture.patterns.nfa import count_tokens
from nerture.patterns.predicates import Among, Equal, TokenTest

MAX_ALTERNATIVES = 256
"""Sequences that an ``IN`` may be expanded to before the pattern uses its automaton instead."""

MAX_TOKENS = 4096
"""Tokens that these may have together, since repeated elements are expanded too."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Adjacent values of one attribute that are in every match of a pattern.

    ``sequences`` are the alternatives. A match starts at least ``nearest`` and at most ``farthest`` tokens
    before them (None for anywhere before). If ``whole``, the pattern is nothing but this gate.
    """

    attribute: str
    sequences: tuple[tuple[str, ...], ...]
    nearest: int
    farthest: int | None
    whole: bool


def find_gate(pattern: Pattern) -> Gate | None:
    """Return the gate that is expected to occur most rarely; None if no literal value is required."""
    best: tuple[tuple[int, ...], Gate] | None = None
    for first, last, attribute in _find_runs(pattern.elements):
        run = pattern.elements[first:last]
        choices = [
            values for element in run for values in [_values(element.test, attribute)] * element.minimum
        ]
        sequences = tuple(itertools.product(*choices))
        nearest, farthest = count_tokens(pattern.elements[:first])
        if run == pattern.elements and all(_is_literal(element) for element in run):
            return Gate(attribute, sequences, nearest, farthest, whole=True)
        # shapes are a last resort, as many words share one; then longer runs, then fewer alternatives
        merit = (attribute != "SHAPE", farthest is not None, len(choices), -len(sequences))
        if best is None or merit > best[0]:
            best = merit, Gate(attribute, sequences, nearest, farthest, whole=False)
    return best[1] if best else None


def _find_runs(elements: Sequence[Element]) -> Iterator[tuple[int, int, str]]:
    """Yield stretches ``[first, last)`` of required elements with literal values of one attribute.

    An element that may be repeated ends a run: the tokens after its first ones are not fixed.
    """
    for first, element in enumerate(elements):
        for attribute in _attributes(element.test):
            alternatives, tokens, last = 1, 0, first
            while last < len(elements) and elements[last].minimum:
                alternatives *= len(_values(elements[last].test, attribute)) ** elements[last].minimum
                tokens += elements[last].minimum
                if not 0 < alternatives <= MAX_ALTERNATIVES or alternatives * tokens > MAX_TOKENS:
                    break
                last += 1
                if elements[last - 1].maximum != elements[last - 1].minimum:
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
    """Return the values that the test's first literal condition on the attribute allows; () without one."""
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
    """Return True if the element tests only literal values of one attribute, a fixed number of times."""
    return (
        element.minimum == element.maximum
        and len(element.test.conditions) == 1
        and element.test.space is None
    )
