"""Targets of one text with different tokens: moved to tokens that fit all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.errors import DataError
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.alignment import touched_tokens
from nerture.core.text.doc import Doc, Offsets, Span


def common_tokens(cuts: Sequence[Offsets]) -> Offsets:
    """Return the coarsest tokens, int32 (N, 2), of which every token of each of ``cuts`` is made.

    They begin and end wherever a token of any cut does, and cover the characters that any of them covers.
    """
    every = np.concatenate([offsets.reshape(-1, 2) for offsets in cuts])
    edges = np.unique(every)
    pieces = np.stack([edges[:-1], edges[1:]], axis=1).astype(np.int32)
    if len(pieces) == 0:
        return pieces.reshape(0, 2)
    # tokens begun minus tokens ended up to each edge: how many cuts cover the piece that begins there
    change = np.zeros(len(edges), dtype=np.int64)
    np.add.at(change, np.searchsorted(edges, every[:, 0]), 1)
    np.add.at(change, np.searchsorted(edges, every[:, 1]), -1)
    covered: Offsets = pieces[np.cumsum(change)[:-1] > 0]
    return covered


def on_common_tokens(targets: Sequence[Target]) -> list[Target]:
    """Return the targets with one Doc, whose tokens fit the bounds of all; what they say stays the same.

    Raises ``DataError`` when they are not about one text.
    """
    first = targets[0]
    for other in targets[1:]:
        if other.doc.text != first.doc.text:
            raise DataError(f"not the text of {first.origin}, so they are not merged", other.origin)
    if all(target.doc is first.doc for target in targets):
        return list(targets)
    doc = Doc.from_offsets(first.doc.text, common_tokens([target.doc.offsets for target in targets]))
    return [_moved(target, doc) for target in targets]


def _moved(target: Target, doc: Doc) -> Target:
    """Return the target on the tokens of ``doc``, of which its own are made."""
    pieces = touched_tokens(doc.offsets, target.doc.offsets)  # of each token: its first piece, and past it

    def moved(span: Span) -> Span:
        return replace(span, start=int(pieces[span.start, 0]), end=int(pieces[span.end - 1, 1]), doc=doc)

    def all_moved(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(moved(span) for span in spans)

    return replace(
        target,
        doc=doc,
        spans=all_moved(target.spans),
        rejected=all_moved(target.rejected),
        outside=tuple(piece for token in target.outside for piece in range(*pieces[token].tolist())),
        not_together=tuple(all_moved(group) for group in target.not_together),
        beliefs=tuple(replace(belief, span=moved(belief.span)) for belief in target.beliefs),
        teacher=None if target.teacher is None else _taught(target.teacher, pieces),
    )


def _taught(teacher: SpanProbabilities, pieces: Offsets) -> SpanProbabilities:
    spans = teacher.spans.copy()
    spans[:, 0] = pieces[teacher.spans[:, 0], 0]
    spans[:, 1] = pieces[teacher.spans[:, 1] - 1, 1]
    return replace(teacher, spans=spans)
