"""Whether the parts of a target contradict each other, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product
from math import prod

from nerture.core.errors import ConflictError, DataError
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

MAX_ALTERNATIVES = 4096
"""Alternatives that groups of spans that are not all there may unfold into, for one text."""


def check(target: Target) -> None:
    """Raise ``ConflictError`` if parts of the target contradict each other, naming them."""
    if fault := _contradiction(target):
        raise ConflictError(fault, target.origin)
    if target.not_together and next(alternatives(target), None) is None:
        group = next(group for group in target.not_together if set(group) <= set(target.spans))
        raise ConflictError(
            f"{_join_spans(group)} are said to be there, and not to be all there", target.origin
        )


def _contradiction(target: Target) -> str | None:
    """Return what contradicts what; an accepted span is always part of it, since O is always possible."""
    ordered = sorted(set(target.spans), key=lambda span: (span.start, span.end))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            return f"{before} and {after} overlap, and both are said to be there"
    rejected, outside = set(target.rejected), set(target.outside)
    for span in ordered:
        if span in rejected:
            return f"{span} is said to be there, and rejected"
        for token in range(span.start, span.end) if outside else ():
            if token in outside:
                return f"{span} is said to be there, and {target.doc[token].text!r} in it to be outside"
    return None


def alternatives(target: Target) -> Iterator[Target]:
    """Yield targets without ``not_together`` that exclude each other and together mean the same.

    Of the spans a, b, c not all are there: a is not; or a is, and b is not; or a and b are, and c is not.
    """
    if not target.not_together:
        yield target
        return
    count = prod(len(group) for group in target.not_together)
    if count > MAX_ALTERNATIVES:
        raise DataError(
            f"{len(target.not_together)} groups of spans that are not all there: {count} combinations, "
            f"allowed are {MAX_ALTERNATIVES}",
            target.origin,
        )
    for missing in product(*(range(len(group)) for group in target.not_together)):
        there = list(target.spans)
        absent = list(target.rejected)
        for group, place in zip(target.not_together, missing, strict=True):
            there += group[:place]
            absent.append(group[place])
        if any(target.complete_for(span.label) and span not in target.spans for span in there):
            continue  # every entity of its label is known, and it is not among them
        variant = replace(
            target, spans=tuple(dict.fromkeys(there)), rejected=tuple(dict.fromkeys(absent)), not_together=()
        )
        if _contradiction(variant) is None:
            yield variant


def _join_spans(spans: Sequence[Span]) -> str:
    return " and ".join(map(str, spans))
