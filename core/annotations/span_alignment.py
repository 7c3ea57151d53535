"""Spans that do not fit the tokens: spans grown to whole tokens, or tokens split at the spans' edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.annotations.record import CharSpan
from nerture.core.text.alignment import split_tokens, touched_tokens, trimmed
from nerture.core.text.doc import Align, Doc


def fitted(doc: Doc, spans: Sequence[CharSpan], align: Align) -> tuple[Doc, list[CharSpan]]:
    """Return the Doc and the spans as ``align`` makes them fit each other; what cannot fit stays as it is.

    ``error`` changes nothing. ``split`` and ``expand`` first cut off spaces at a span's edges.
    """
    if align == "error" or not spans:
        return doc, list(spans)
    trims = [trimmed(doc.text, span.start_char, span.end_char) for span in spans]
    bodies = [
        replace(span, start_char=start, end_char=end) if start < end else span
        for span, (start, end) in zip(spans, trims, strict=True)
    ]
    chars = np.array([(span.start_char, span.end_char) for span in bodies], dtype=np.int32)
    if align == "split":
        return Doc.from_offsets(doc.text, split_tokens(doc.offsets, chars)), bodies
    tokens = touched_tokens(doc.offsets, chars).tolist()
    return doc, [
        _over_tokens(body, doc, start, end) if start < end else body
        for body, (start, end) in zip(bodies, tokens, strict=True)
    ]


def _over_tokens(span: CharSpan, doc: Doc, start: int, end: int) -> CharSpan:
    return replace(span, start_char=int(doc.offsets[start, 0]), end_char=int(doc.offsets[end - 1, 1]))
