"""Long texts in training: cut between entities, so that a batch stays a batch."""

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


def cut(target: Target, longest_piece: int) -> Iterator[Target]:
    """Yield the target in pieces of about ``longest_piece`` tokens, none of which ends inside a span.

    That is a span that is known, rejected or believed in; nor does a piece end between the spans of one group
    of ``not_together``. A piece is longer only where these leave no place to cut. A teacher may hold a span
    across any cut to be possible: of the places in a piece's second half the one is taken where this is the
    least probable, and of a span that is cut all the same the pieces say nothing.
    """
    length = len(target.doc)
    if length <= longest_piece:
        yield target
        return
    inside = _inside(target)
    crossing = _crossing(target)
    begin = 0
    while begin < length:
        end = _end(inside, crossing, begin, min(begin + longest_piece, length))
        yield piece_of(target, begin, end)
        begin = end


def _inside(target: Target) -> npt.NDArray[np.bool_]:
    """Return bool (N+1): a cut before this token would go through what must stay together."""
    inside = np.zeros(len(target.doc) + 1, dtype=np.bool_)
    beliefs = (belief.span for belief in target.beliefs)
    groups = [(span,) for span in (*target.spans, *target.rejected, *beliefs)]
    for group in (*groups, *target.not_together):
        if group:
            inside[min(span.start for span in group) + 1 : max(span.end for span in group)] = True
    return inside


def _crossing(target: Target) -> npt.NDArray[np.float64]:
    """Return float64 (N+1): how probable it is to the teacher that a cut before this token parts a span."""
    steps = np.zeros(len(target.doc) + 2)
    if target.teacher is not None:
        spans, probabilities = target.teacher.spans, target.teacher.probabilities
        np.add.at(steps, spans[:, 0] + 1, probabilities)
        np.subtract.at(steps, spans[:, 1], probabilities)
    crossing: npt.NDArray[np.float64] = np.cumsum(steps)[:-1].round(9)  # sums of zero are to be equal
    return crossing


def _end(inside: npt.NDArray[np.bool_], crossing: npt.NDArray[np.float64], begin: int, latest: int) -> int:
    """Return where the piece that begins at ``begin`` ends, if possible not after ``latest``."""
    if latest == len(inside) - 1:
        return latest
    places = np.flatnonzero(~inside[begin + 1 : latest + 1]) + begin + 1
    if not len(places):
        return latest + int(np.argmin(inside[latest:]))
    late = places[places > (begin + latest) // 2]
    if not len(late):
        return int(places[-1])
    return int(late[::-1][np.argmin(crossing[late[::-1]])])


def piece_of(target: Target, begin: int, end: int) -> Target:
    """Return what the target says of the tokens ``[begin, end)`` alone, counted from there."""
    doc = Doc.from_offsets(target.doc.text, target.doc.offsets[begin:end])

    def within(span: Span) -> bool:
        return begin <= span.start and span.end <= end

    def moved(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(
            Span(span.start - begin, span.end - begin, span.label, span.score, doc=doc)
            for span in spans
            if within(span)
        )

    return replace(
        target,
        doc=doc,
        spans=moved(target.spans),
        rejected=moved(target.rejected),
        outside=tuple(token - begin for token in target.outside if begin <= token < end),
        not_together=tuple(moved(group) for group in target.not_together if all(map(within, group))),
        beliefs=tuple(
            replace(belief, span=moved([belief.span])[0]) for belief in target.beliefs if within(belief.span)
        ),
        teacher=_part(target.teacher, begin, end),
    )


def _part(teacher: SpanProbabilities | None, begin: int, end: int) -> SpanProbabilities | None:
    """Return what the teacher says of the spans that lie within the tokens ``[begin, end)``."""
    if teacher is None:
        return None
    spans = teacher.spans
    chosen = (spans[:, 0] >= begin) & (spans[:, 1] <= end)
    moved = spans[chosen] - np.array([begin, begin, 0], dtype=np.int32)
    return replace(teacher, spans=moved, probabilities=teacher.probabilities[chosen])
