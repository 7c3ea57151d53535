"""Transfers span probabilities from one tokenization of a text to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nerture.core.targets.span_mixtures import coverage, sum_span_rows
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.text.alignment import find_touched_tokens
from nerture.core.text.doc import Offsets


def to_characters(teacher: SpanProbabilities, offsets: Offsets) -> SpanProbabilities:
    """Convert the spans from tokens, whose ``offsets`` these are, to characters."""
    spans = teacher.spans.copy()
    spans[:, 0] = offsets[teacher.spans[:, 0], 0]
    spans[:, 1] = offsets[teacher.spans[:, 1] - 1, 1]
    return replace(teacher, spans=spans)


def to_touched_tokens(teacher: SpanProbabilities, offsets: Offsets) -> SpanProbabilities:
    """Convert the spans from characters to all tokens that they touch, row by row.

    A span that touches no token becomes empty. Disjoint spans may become overlapping or equal.
    """
    bounds = find_touched_tokens(offsets, teacher.spans[:, :2])
    return replace(teacher, spans=np.column_stack([bounds, teacher.spans[:, 2]]))


def to_tokens(teacher: SpanProbabilities, offsets: Offsets) -> SpanProbabilities:
    """Convert span probabilities from characters to tokens.

    A span becomes all tokens that it touches, and spans that become equal add up; one that touches no token
    is dropped. If disjoint spans become overlapping, so that the sum over a token exceeds 1, each of them is
    divided by the largest sum over one of its tokens.
    """
    rows = to_touched_tokens(teacher, offsets)
    kept = rows.spans[:, 0] < rows.spans[:, 1]
    spans, probabilities = rows.spans[kept], rows.probabilities[kept].astype(np.float64)
    if len(spans):
        sums = np.maximum(coverage(spans, probabilities, len(offsets)), 1)
        probabilities /= [sums[start:end].max() for start, end, _ in spans.tolist()]
    return sum_span_rows(teacher.labels, spans, probabilities)
