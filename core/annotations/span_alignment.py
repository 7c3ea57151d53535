"""Aligns spans with tokens: expands spans to whole tokens, or splits tokens at the spans' edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.annotations.record import CharSpan
from nerture.core.text.alignment import find_touched_tokens, split_tokens, trim
from nerture.core.text.doc import Align, Doc


def align_spans(doc: Doc, spans: Sequence[CharSpan], align: Align) -> tuple[Doc, list[CharSpan]]:
    """Return the Doc and the spans, made to fit each other as ``align`` says; what cannot fit is unchanged.

    ``error`` changes nothing. ``split`` and ``expand`` first trim whitespace at a span's edges.
    """
    if align == "error" or not spans:
        return doc, list(spans)
    trims = [trim(doc.text, span.start_char, span.end_char) for span in spans]
    bodies = [
        replace(span, start_char=start, end_char=end) if start < end else span
        for span, (start, end) in zip(spans, trims, strict=True)
    ]
    chars = np.array([(span.start_char, span.end_char) for span in bodies], dtype=np.int32)
    if align == "split":
        return Doc.from_offsets(doc.text, split_tokens(doc.offsets, chars)), bodies
    tokens = find_touched_tokens(doc.offsets, chars).tolist()
    return doc, [
        _expand_to_tokens(body, doc, start, end) if start < end else body
        for body, (start, end) in zip(bodies, tokens, strict=True)
    ]


def _expand_to_tokens(span: CharSpan, doc: Doc, start: int, end: int) -> CharSpan:
    return replace(span, start_char=int(doc.offsets[start, 0]), end_char=int(doc.offsets[end - 1, 1]))
