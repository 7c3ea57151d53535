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
"""Maximal number of alternatives of one text that its groups in ``not_together`` may expand to."""


def check_consistency(target: Target) -> None:
    """Raise ``ConflictError`` if parts of the target contradict each other, naming them."""
    if fault := _find_contradiction(target):
        raise ConflictError(fault, target.origin)
    if target.not_together and next(alternatives(target), None) is None:
        group = next(group for group in target.not_together if set(group) <= set(target.spans))
        raise ConflictError(f"{_join_spans(group)} are accepted, and said not to be all there", target.origin)


def _find_contradiction(target: Target) -> str | None:
    """Return what contradicts what, or None; it involves an accepted span, since O is always possible."""
    ordered = sorted(set(target.spans), key=lambda span: (span.start, span.end))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            return f"{before} and {after} overlap, and both are accepted"
    rejected, outside = set(target.rejected), set(target.outside)
    for span in ordered:
        if span in rejected:
            return f"{span} is both accepted and rejected"
        for token in range(span.start, span.end) if outside else ():
            if token in outside:
                return f"{span} is accepted, but {target.doc[token].text!r} in it is outside"
    return None


def alternatives(target: Target) -> Iterator[Target]:
    """Yield mutually exclusive targets without ``not_together`` that together are equivalent.

    That spans a, b, c are not all there means: a is not; or a is, but b is not; or a and b are, but c is not.
    """
    if not target.not_together:
        yield target
        return
    count = prod(len(group) for group in target.not_together)
    if count > MAX_ALTERNATIVES:
        raise DataError(
            f"groups of spans that are not all there: expected at most {MAX_ALTERNATIVES} combinations, "
            f"got {count} of {len(target.not_together)} groups",
            target.origin,
        )
    for missing in product(*(range(len(group)) for group in target.not_together)):
        accepted = list(target.spans)
        rejected = list(target.rejected)
        for group, index in zip(target.not_together, missing, strict=True):
            accepted += group[:index]
            rejected.append(group[index])
        if any(target.is_complete_for(span.label) and span not in target.spans for span in accepted):
            continue  # all entities of its label are known, and it is not among them
        variant = replace(
            target,
            spans=tuple(dict.fromkeys(accepted)),
            rejected=tuple(dict.fromkeys(rejected)),
            not_together=(),
        )
        if _find_contradiction(variant) is None:
            yield variant


def _join_spans(spans: Sequence[Span]) -> str:
    return " and ".join(map(str, spans))
