"""Splits long training texts between entities, so that batches stay small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span

if TYPE_CHECKING:
    import numpy.typing as npt


def split_target(target: Target, longest_piece: int) -> Iterator[Target]:
    """Yield the target in pieces of about ``longest_piece`` tokens; no piece ends inside a span.

    That is a span of ``spans``, ``rejected`` or ``beliefs``; nor does a piece end between the spans of a
    group of ``not_together``. A piece is longer only if these leave no position to split. A teacher may give
    some probability to a span across any position: of those in a piece's second half, the one where this is
    least probable is chosen, and spans that are split all the same are dropped.
    """
    length = len(target.doc)
    if length <= longest_piece:
        yield target
        return
    inside = _find_span_interiors(target)
    crossing = _compute_crossing(target)
    begin = 0
    while begin < length:
        end = _find_end(inside, crossing, begin, min(begin + longest_piece, length))
        yield slice_target(target, begin, end)
        begin = end


def _find_span_interiors(target: Target) -> npt.NDArray[np.bool_]:
    """Return bool (N+1): whether a split before the token would separate what must stay together."""
    inside = np.zeros(len(target.doc) + 1, dtype=np.bool_)
    beliefs = (belief.span for belief in target.beliefs)
    groups = [(span,) for span in (*target.spans, *target.rejected, *beliefs)]
    for group in (*groups, *target.not_together):
        if group:
            inside[min(span.start for span in group) + 1 : max(span.end for span in group)] = True
    return inside


def _compute_crossing(target: Target) -> npt.NDArray[np.float64]:
    """Return float64 (N+1): the teacher's probability of a span across a split before the token."""
    changes = np.zeros(len(target.doc) + 2)
    if target.teacher is not None:
        spans, probabilities = target.teacher.spans, target.teacher.probabilities
        np.add.at(changes, spans[:, 0] + 1, probabilities)
        np.subtract.at(changes, spans[:, 1], probabilities)
    crossing: npt.NDArray[np.float64] = np.cumsum(changes)[:-1].round(9)  # so that all sums of zero are equal
    return crossing


def _find_end(
    inside: npt.NDArray[np.bool_], crossing: npt.NDArray[np.float64], begin: int, latest: int
) -> int:
    """Return where the piece that begins at ``begin`` ends, not after ``latest`` if possible."""
    if latest == len(inside) - 1:
        return latest
    positions = np.flatnonzero(~inside[begin + 1 : latest + 1]) + begin + 1
    if not len(positions):
        return latest + int(np.argmin(inside[latest:]))
    late = positions[positions > (begin + latest) // 2]
    if not len(late):
        return int(positions[-1])
    return int(late[::-1][np.argmin(crossing[late[::-1]])])


def slice_target(target: Target, begin: int, end: int) -> Target:
    """Return the part of the target about the tokens ``[begin, end)``, counted from ``begin``."""
    doc = Doc.from_offsets(target.doc.text, target.doc.offsets[begin:end])

    def is_within(span: Span) -> bool:
        return begin <= span.start and span.end <= end

    def shift(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(
            Span(span.start - begin, span.end - begin, span.label, span.score, doc=doc)
            for span in spans
            if is_within(span)
        )

    return replace(
        target,
        doc=doc,
        spans=shift(target.spans),
        rejected=shift(target.rejected),
        outside=tuple(token - begin for token in target.outside if begin <= token < end),
        not_together=tuple(shift(group) for group in target.not_together if all(map(is_within, group))),
        beliefs=tuple(
            replace(belief, span=shift([belief.span])[0])
            for belief in target.beliefs
            if is_within(belief.span)
        ),
        teacher=_slice_teacher(target.teacher, begin, end),
    )


def _slice_teacher(teacher: SpanProbabilities | None, begin: int, end: int) -> SpanProbabilities | None:
    """Return the teacher's probabilities of the spans within the tokens ``[begin, end)``."""
    if teacher is None:
        return None
    spans = teacher.spans
    kept = (spans[:, 0] >= begin) & (spans[:, 1] <= end)
    shifted = spans[kept] - np.array([begin, begin, 0], dtype=np.int32)
    return replace(teacher, spans=shifted, probabilities=teacher.probabilities[kept])
