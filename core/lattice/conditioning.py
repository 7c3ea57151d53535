"""Statements made one by one, as the distribution over derivations that they make together.

Many a teacher says something of each token, or of each span, on its own. Taken as independent, such
statements also allow what is no analysis of the text: overlapping entities, tags that cannot follow each
other. Here they are conditioned on being one, exactly, on the lattice (``core.lattice.forward_backward``).
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
"""Tokens of an entity that tags may make; longer ones are held impossible."""

SURE = 1e-6
"""What is at least left for the contrary of a statement about a span."""

Float64: TypeAlias = "npt.NDArray[np.float64]"


def apart(found: SpanProbabilities, length: int) -> SpanProbabilities:
    """Condition spans that are each there or not, whatever the others, on none overlapping.

    A set of spans that do not overlap gets a probability in proportion to the product of the odds p / (1 - p)
    of its spans. ``length`` is that of the text in tokens; of rows of one span the most probable counts.
    """
    if not len(found.spans):
        return found
    longest = int((found.spans[:, 1] - found.spans[:, 0]).max())
    segments = np.full((length, longest, len(found.labels)), -np.inf)
    sure = np.minimum(found.probabilities.astype(np.float64), 1 - SURE)
    with np.errstate(divide="ignore"):
        odds = np.log(sure) - np.log1p(-sure)
    start, end, label = found.spans.T
    np.maximum.at(segments, (start, end - start - 1, label), odds)
    return _posterior(found.labels, np.zeros(length), segments)


def of_tags(tags: Sequence[str], probabilities: Float64) -> SpanProbabilities:
    """Condition the tags of the tokens, each drawn whatever the others, on marking spans.

    ``tags`` are O and those of a BIO or BILUO (BIOES) scheme, ``probabilities`` float64 (N, T) how probable
    each is for each token. A sequence of tags that marks spans gets a probability in proportion to the
    product of its tags'.

    Raises ``DataError`` for tags that are no scheme, and when every sequence that marks spans has a tag of
    probability 0.
    """
    columns, labels = _columns(tags)
    length = len(probabilities)
    longest = max(1, min(MAX_TAGGED_TOKENS, length))
    with np.errstate(divide="ignore"):
        logs = np.log(probabilities)
    none = np.full(length, -np.inf)
    segments = np.full((length, longest, len(labels)), -np.inf)
    for number, label in enumerate(labels):
        begin, inside, last, unit = (
            logs[:, columns[mark, label]] if (mark, label) in columns else none for mark in "BILU"
        )
        if not any(mark in "LU" for mark, _ in columns):  # BIO: what ends an entity is what follows it
            last, unit = inside, begin
        segments[:, 0, number] = unit
        so_far = begin
        for more in range(1, longest):
            segments[: length - more, more, number] = so_far[: length - more] + last[more:]
            so_far = so_far[: length - more] + inside[more:]
    return _posterior(labels, np.ascontiguousarray(logs[:, columns["O", ""]]), segments)


def _columns(tags: Sequence[str]) -> tuple[dict[tuple[str, str], int], tuple[str, ...]]:
    """Return the column of each mark and label, and the labels."""
    columns: dict[tuple[str, str], int] = {}
    for column, tag in enumerate(tags):
        mark, label = ("O", "") if tag == "O" else (tag[0].translate(str.maketrans("ES", "LU")), tag[2:])
        if (mark, label) in columns:
            raise DataError(f"the tag {tag} stands there twice, or under two names")
        columns[mark, label] = column
    if ("O", "") not in columns:
        raise DataError("there is no tag O")
    labels = tuple(dict.fromkeys(label for _, label in columns if label))
    for label in labels:
        if ("B", label) not in columns and ("U", label) not in columns:
            raise DataError(f"no tag begins a {label}: B-{label} is missing")
    return columns, labels


def _posterior(labels: Sequence[str], outside: Float64, segments: Float64) -> SpanProbabilities:
    before, after = lattice.masses_before(outside, segments), lattice.masses_after(outside, segments)
    if before[-1] == -np.inf:
        raise DataError("no sequence of tags that marks spans has any probability")
    _, shares = lattice.marginals(outside, segments, before, after)
    start, more, label = np.nonzero(shares)
    spans = np.stack([start, start + more + 1, label], axis=1).astype(np.int32)
    return SpanProbabilities(
        tuple(labels), spans, np.minimum(shares[start, more, label], 1).astype(np.float32)
    )
