"""Span probabilities of one cutting of a text into tokens, carried over to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nerture.core.targets.span_mixtures import coverage, put_together
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.text.alignment import touched_tokens
from nerture.core.text.doc import Offsets


def in_characters(found: SpanProbabilities, offsets: Offsets) -> SpanProbabilities:
    """Return the same with spans that count characters; ``offsets`` are those of the tokens they count."""
    spans = found.spans.copy()
    spans[:, 0] = offsets[found.spans[:, 0], 0]
    spans[:, 1] = offsets[found.spans[:, 1] - 1, 1]
    return replace(found, spans=spans)


def touching(found: SpanProbabilities, offsets: Offsets) -> SpanProbabilities:
    """Return spans that count characters as such that count tokens: all that they touch, row by row.

    A span that touches none is empty. Spans that were apart may now overlap, or be the same.
    """
    bounds = touched_tokens(offsets, found.spans[:, :2])
    return replace(found, spans=np.column_stack([bounds, found.spans[:, 2]]))


def onto_tokens(found: SpanProbabilities, offsets: Offsets) -> SpanProbabilities:
    """Return span probabilities that count characters as such that count tokens.

    A span becomes all the tokens that it touches, and spans that become the same add up. One that touches
    none is left out. Where spans that were apart now overlap, so that more than 1 is promised over a token,
    each of them is divided by the most that is promised over one of its tokens.
    """
    rows = touching(found, offsets)
    kept = rows.spans[:, 0] < rows.spans[:, 1]
    spans, probabilities = rows.spans[kept], rows.probabilities[kept].astype(np.float64)
    if len(spans):
        promised = np.maximum(coverage(spans, probabilities, len(offsets)), 1)
        probabilities /= [promised[start:end].max() for start, end, _ in spans.tolist()]
    return put_together(found.labels, spans, probabilities)
