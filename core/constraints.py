"""Targets as constraints on the lattice: which steps a derivation that agrees with a target may take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.doc import Span
from nerture.core.errors import ConflictError, DataError
from nerture.core.target import Target

if TYPE_CHECKING:
    import numpy.typing as npt

MOST_ALTERNATIVES = 4096
"""Alternatives that groups of spans that are not all there may unfold into, for one text."""

Allowed: TypeAlias = "tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]"
"""Which steps may be taken: outside tokens (N), and segments (N, K, L) as in ``nerture.core.lattice``."""


def agreeing(target: Target, labels: Sequence[str], longest: int) -> list[Allowed]:
    """Return the allowed steps of all derivations that agree with the target.

    These are several sets that have no derivation in common, one unless the target has ``not_together``;
    their masses add up. A known span of more than ``longest`` tokens is out of the lattice's reach: about the
    tokens that it covers nothing is then known.

    Raises ``ConflictError`` when no derivation agrees, and ``DataError`` for a label that is not among
    ``labels``.
    """
    check(target)
    return [_allowed(variant, labels, longest) for variant in _alternatives(target)]


def check(target: Target) -> None:
    """Raise ``ConflictError`` if parts of the target contradict each other, naming them."""
    if fault := _contradiction(target):
        raise ConflictError(fault, target.origin)
    if target.not_together and next(_alternatives(target), None) is None:
        group = next(group for group in target.not_together if set(group) <= set(target.spans))
        raise ConflictError(f"{_listed(group)} are said to be there, and not to be all there", target.origin)


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


def _alternatives(target: Target) -> Iterator[Target]:
    """Yield targets without ``not_together`` that exclude each other and together mean the same.

    Of the spans a, b, c not all are there: a is not; or a is, and b is not; or a and b are, and c is not.
    """
    if not target.not_together:
        yield target
        return
    count = prod(len(group) for group in target.not_together)
    if count > MOST_ALTERNATIVES:
        raise DataError(
            f"{len(target.not_together)} groups of spans that are not all there: {count} combinations, "
            f"allowed are {MOST_ALTERNATIVES}",
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


def _allowed(target: Target, labels: Sequence[str], longest: int) -> Allowed:
    length = len(target.doc)
    complete = np.array([target.complete_for(label) for label in labels])
    outside = np.ones(length, dtype=np.bool_)
    segments = np.empty((length, longest, len(labels)), dtype=np.bool_)
    segments[:] = ~complete
    for span in target.spans:
        if len(span) > longest:
            for start in range(max(0, span.start - longest + 1), span.end):
                segments[start, max(0, span.start - start) :] = True
    for token in target.outside:
        _forbid(segments, token, token + 1)
    for span in target.rejected:
        if len(span) <= longest:
            segments[span.start, len(span) - 1, _number(span, labels, target)] = False
    for span in target.spans:
        label = _number(span, labels, target)
        if len(span) <= longest:
            _forbid(segments, span.start, span.end)
            outside[span.start : span.end] = False
            segments[span.start, len(span) - 1, label] = True
    return outside, segments


def _forbid(segments: npt.NDArray[np.bool_], begin: int, end: int) -> None:
    """Forbid every segment that overlaps the tokens ``[begin, end)``."""
    longest = segments.shape[1]
    segments[begin:end] = False
    for start in range(max(0, begin - longest + 1), begin):
        segments[start, begin - start :] = False


def _number(span: Span, labels: Sequence[str], target: Target) -> int:
    if span.label not in labels:
        raise DataError(f"{span}: the label is not one of the learner's: {', '.join(labels)}", target.origin)
    return list(labels).index(span.label)


def _listed(spans: Sequence[Span]) -> str:
    return " and ".join(map(str, spans))
