"""Independent probabilities of tags or spans, conditioned on forming a derivation.

Many teachers give a probability for each token or each span independently. Independent events include
combinations that are no analysis of the text: overlapping entities, tags that cannot follow each other. Here
they are conditioned on being an analysis, exactly, on the lattice (``core.lattice.forward_backward``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.errors import DataError
from nerture.core.lattice import forward_backward as lattice
from nerture.core.targets.span_probabilities import SpanProbabilities

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_TAGGED_TOKENS = 50
"""Maximal tokens of an entity made of tags; longer ones count as impossible."""

MIN_DOUBT = 1e-6
"""The probability that is at least left for a span not to be there."""

Float64: TypeAlias = "npt.NDArray[np.float64]"


def condition_spans(teacher: SpanProbabilities, length: int) -> SpanProbabilities:
    """Condition the spans, each there or not independently of the others, on none overlapping.

    A set of disjoint spans gets a probability in proportion to the product of the odds p / (1 - p) of its
    spans. ``length`` is that of the text, in tokens; of several rows for one span, the most probable counts.
    """
    if not len(teacher.spans):
        return teacher
    longest = int((teacher.spans[:, 1] - teacher.spans[:, 0]).max())
    span_scores = np.full((length, longest, len(teacher.labels)), -np.inf)
    probabilities = np.minimum(teacher.probabilities.astype(np.float64), 1 - MIN_DOUBT)
    with np.errstate(divide="ignore"):
        odds = np.log(probabilities) - np.log1p(-probabilities)
    start, end, label = teacher.spans.T
    np.maximum.at(span_scores, (start, end - start - 1, label), odds)
    return _compute_posterior(teacher.labels, np.zeros(length), span_scores)


def condition_tags(tags: Sequence[str], probabilities: Float64) -> SpanProbabilities:
    """Condition the tags of the tokens, each drawn independently of the others, on forming spans.

    ``tags`` are O and those of a BIO or BILUO (BIOES) scheme; ``probabilities``, float64 (N, T), are those of
    the tags of each token. A sequence of tags that forms spans gets a probability in proportion to the
    product of the probabilities of its tags.

    Raises ``DataError`` for tags that are no scheme, and if every sequence that forms spans has a tag of
    probability 0.
    """
    columns, labels = _index_tags(tags)
    length = len(probabilities)
    longest = max(1, min(MAX_TAGGED_TOKENS, length))
    with np.errstate(divide="ignore"):
        logs = np.log(probabilities)
    none = np.full(length, -np.inf)
    span_scores = np.full((length, longest, len(labels)), -np.inf)
    for number, label in enumerate(labels):
        begin, inside, last, unit = (
            logs[:, columns[mark, label]] if (mark, label) in columns else none for mark in "BILU"
        )
        if not any(mark in "LU" for mark, _ in columns):  # BIO: the tag after an entity marks its end
            last, unit = inside, begin
        span_scores[:, 0, number] = unit
        so_far = begin
        for extra in range(1, longest):
            span_scores[: length - extra, extra, number] = so_far[: length - extra] + last[extra:]
            so_far = so_far[: length - extra] + inside[extra:]
    return _compute_posterior(labels, np.ascontiguousarray(logs[:, columns["O", ""]]), span_scores)


def _index_tags(tags: Sequence[str]) -> tuple[dict[tuple[str, str], int], tuple[str, ...]]:
    """Return the column of each mark and label, and the labels."""
    columns: dict[tuple[str, str], int] = {}
    for column, tag in enumerate(tags):
        mark, label = ("O", "") if tag == "O" else (tag[0].translate(str.maketrans("ES", "LU")), tag[2:])
        if (mark, label) in columns:
            raise DataError(f"tags: expected different tags, got {tag} twice, or under two names")
        columns[mark, label] = column
    if ("O", "") not in columns:
        raise DataError("tags: expected a tag O, got none")
    labels = tuple(dict.fromkeys(label for _, label in columns if label))
    for label in labels:
        if ("B", label) not in columns and ("U", label) not in columns:
            raise DataError(f"tags: expected a tag B-{label}, got none")
    return columns, labels


def _compute_posterior(labels: Sequence[str], outside: Float64, span_scores: Float64) -> SpanProbabilities:
    forward = lattice.forward_log_masses(outside, span_scores)
    backward = lattice.backward_log_masses(outside, span_scores)
    if forward[-1] == -np.inf:
        raise DataError("every sequence of tags that forms spans has probability 0")
    _, shares = lattice.marginals(outside, span_scores, forward, backward)
    start, extra, label = np.nonzero(shares)
    spans = np.stack([start, start + extra + 1, label], axis=1).astype(np.int32)
    return SpanProbabilities(
        tuple(labels), spans, np.minimum(shares[start, extra, label], 1).astype(np.float32)
    )
