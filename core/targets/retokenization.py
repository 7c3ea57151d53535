"""Moves targets of one text with different tokens to common tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.errors import DataError
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.alignment import find_touched_tokens
from nerture.core.text.doc import Doc, Offsets, Span


def find_common_tokens(cuts: Sequence[Offsets]) -> Offsets:
    """Return the coarsest tokens, int32 (N, 2), that every token of each of ``cuts`` consists of.

    They begin and end wherever a token of any cut does, and cover all characters that any cut covers.
    """
    every = np.concatenate([offsets.reshape(-1, 2) for offsets in cuts])
    edges = np.unique(every)
    pieces = np.stack([edges[:-1], edges[1:]], axis=1).astype(np.int32)
    if len(pieces) == 0:
        return pieces.reshape(0, 2)
    # beginnings minus ends up to each edge: how many cuts cover the piece that begins there
    change = np.zeros(len(edges), dtype=np.int64)
    np.add.at(change, np.searchsorted(edges, every[:, 0]), 1)
    np.add.at(change, np.searchsorted(edges, every[:, 1]), -1)
    covered: Offsets = pieces[np.cumsum(change)[:-1] > 0]
    return covered


def retokenize(targets: Sequence[Target]) -> list[Target]:
    """Return equivalent targets that share one Doc, whose tokens fit the bounds of all.

    Raises ``DataError`` if they are not about the same text.
    """
    first = targets[0]
    for target in targets[1:]:
        if target.doc.text != first.doc.text:
            raise DataError(f"not the text of {first.origin}, so they cannot be merged", target.origin)
    if all(target.doc is first.doc for target in targets):
        return list(targets)
    doc = Doc.from_offsets(first.doc.text, find_common_tokens([target.doc.offsets for target in targets]))
    return [_retokenize_target(target, doc) for target in targets]


def _retokenize_target(target: Target, doc: Doc) -> Target:
    """Return the target on the tokens of ``doc``, which are parts of its own tokens."""
    pieces = find_touched_tokens(doc.offsets, target.doc.offsets)  # [first, last + 1) of each token

    def move(span: Span) -> Span:
        return replace(span, start=int(pieces[span.start, 0]), end=int(pieces[span.end - 1, 1]), doc=doc)

    def move_all(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(move(span) for span in spans)

    return replace(
        target,
        doc=doc,
        spans=move_all(target.spans),
        rejected=move_all(target.rejected),
        outside=tuple(piece for token in target.outside for piece in range(*pieces[token].tolist())),
        not_together=tuple(move_all(group) for group in target.not_together),
        beliefs=tuple(replace(belief, span=move(belief.span)) for belief in target.beliefs),
        teacher=None if target.teacher is None else _retokenize_teacher(target.teacher, pieces),
    )


def _retokenize_teacher(teacher: SpanProbabilities, pieces: Offsets) -> SpanProbabilities:
    spans = teacher.spans.copy()
    spans[:, 0] = pieces[teacher.spans[:, 0], 0]
    spans[:, 1] = pieces[teacher.spans[:, 1] - 1, 1]
    return replace(teacher, spans=spans)
