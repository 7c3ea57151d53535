"""Long texts in training: cut between entities, so that a batch stays a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nerture.core.doc import Doc, Span
from nerture.core.target import Target


def cut(target: Target, longest_piece: int) -> Iterator[Target]:
    """Yield the target in pieces of about ``longest_piece`` tokens, none of which ends inside a span.

    A piece is longer only where one span, or several that touch, leave no place to cut.
    """
    length = len(target.doc)
    if length <= longest_piece:
        yield target
        return
    inside = np.zeros(length + 1, dtype=bool)  # a cut before this token would go through a span
    for span in (*target.spans, *target.rejected):
        inside[span.start + 1 : span.end] = True
    begin = 0
    while begin < length:
        end = min(begin + longest_piece, length)
        while end > begin and inside[end]:
            end -= 1
        if end == begin:
            end = min(begin + longest_piece, length)
            while inside[end]:
                end += 1
        yield _piece(target, begin, end)
        begin = end


def _piece(target: Target, begin: int, end: int) -> Target:
    doc = Doc.from_offsets(target.doc.text, target.doc.offsets[begin:end])

    def moved(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(
            Span(span.start - begin, span.end - begin, span.label, doc=doc)
            for span in spans
            if begin <= span.start and span.end <= end
        )

    return replace(
        target,
        doc=doc,
        spans=moved(target.spans),
        rejected=moved(target.rejected),
        outside=tuple(token - begin for token in target.outside if begin <= token < end),
    )
