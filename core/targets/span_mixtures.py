"""Arithmetic of span probabilities: put together, renamed, averaged, overruled, pruned.

All of it keeps a distribution over derivations a distribution: the probabilities of the spans over a token
never sum to more than 1. Conversely, any such numbers are the span probabilities of some distribution, since
only spans over the same token exclude each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.errors import DataError
from nerture.core.targets.span_probabilities import SpanProbabilities

if TYPE_CHECKING:
    import numpy.typing as npt

MIN_PROBABILITY = 1e-4
"""Spans that a teacher holds less probable are not passed on: they are many, and weigh next to nothing."""


def put_together(
    labels: Sequence[str], spans: npt.ArrayLike, probabilities: npt.ArrayLike
) -> SpanProbabilities:
    """Make span probabilities of rows in any order, (M, 3) and (M); rows of the same span add up."""
    rows = np.asarray(spans, np.int32).reshape(-1, 3)
    size = int(rows[:, 1].max(initial=0)) + 1
    keys = (rows[:, 0].astype(np.int64) * size + rows[:, 1]) * (len(labels) + 1) + rows[:, 2]
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    sums = np.bincount(place, np.asarray(probabilities, np.float64), minlength=len(first))
    return SpanProbabilities(tuple(labels), rows[first], np.minimum(sums, 1).astype(np.float32))


def renamed(found: SpanProbabilities, names: Mapping[str, str | None]) -> SpanProbabilities:
    """Return the same spans under other labels: ``names`` has every label; None drops the label's spans.

    What is dropped was probable as an entity of no concern here, so its probability goes to O. Labels that
    get the same name become one.
    """
    if all(names[label] == label for label in found.labels):
        return found
    labels = tuple(dict.fromkeys(name for label in found.labels if (name := names[label]) is not None))
    return _numbered(found, labels, [names[label] for label in found.labels])


def of_labels(found: SpanProbabilities, labels: Sequence[str]) -> SpanProbabilities:
    """Return what is said of these labels alone, in their order; of one that is not known nothing is said.

    An entity of another label is of no concern here, so its probability goes to O.
    """
    kept = tuple(label for label in labels if label in found.labels)
    return _numbered(found, kept, [label if label in kept else None for label in found.labels])


def _numbered(
    found: SpanProbabilities, labels: Sequence[str], names: Sequence[str | None]
) -> SpanProbabilities:
    """Return the spans under ``labels``, where ``names`` has that of each label they have now, or None."""
    numbers = [-1 if name is None else labels.index(name) for name in names]
    ours = np.array(numbers, np.int32)[found.spans[:, 2]]
    spans = np.column_stack([found.spans[:, :2], ours])
    return put_together(labels, spans[ours >= 0], found.probabilities[ours >= 0])


def average(members: Sequence[SpanProbabilities], weights: Sequence[float]) -> SpanProbabilities:
    """Return the mixture of several distributions over the derivations of one text.

    The weights are relative to their sum. Raises ``DataError`` for members that do not speak about the same
    labels: what one does not know it does not deny.
    """
    labels = members[0].labels
    total = sum(weights)
    spans, probabilities = [], []
    for member, weight in zip(members, weights, strict=True):
        if set(member.labels) != set(labels):
            raise DataError(
                "the teachers do not speak about the same labels: "
                f"{_listed(labels)} and {_listed(member.labels)}"
            )
        numbers = np.array([labels.index(label) for label in member.labels], np.int32)
        spans.append(np.column_stack([member.spans[:, :2], numbers[member.spans[:, 2]]]))
        probabilities.append(member.probabilities.astype(np.float64) * (weight / total))
    return put_together(labels, np.concatenate(spans), np.concatenate(probabilities))


def overruled(found: SpanProbabilities, certain: Iterable[tuple[int, int, str]]) -> SpanProbabilities:
    """Return the distribution in which these spans (start, end, label; none overlapping) are there.

    Spans that overlap one of them get probability 0; the others keep theirs.
    """
    spans = np.array([(start, end, found.labels.index(label)) for start, end, label in certain], np.int32)
    spans = spans.reshape(-1, 3)
    start, end = found.spans[:, 0], found.spans[:, 1]
    kept = np.ones(len(start), np.bool_)
    for first, last, _ in spans.tolist():
        kept &= (end <= first) | (start >= last)
    return put_together(
        found.labels,
        np.concatenate([found.spans[kept], spans]),
        np.concatenate([found.probabilities[kept], np.ones(len(spans), np.float32)]),
    )


def pruned(found: SpanProbabilities, least: float = MIN_PROBABILITY) -> SpanProbabilities:
    """Leave out the spans of a probability below ``least``."""
    kept = found.probabilities >= least
    return replace(found, spans=found.spans[kept], probabilities=found.probabilities[kept])


def coverage(
    spans: npt.NDArray[np.int32], probabilities: npt.ArrayLike, length: int
) -> npt.NDArray[np.float64]:
    """Return the sum of the probabilities of the spans over each token (or character), float64 (length)."""
    changes = np.zeros(length + 1)
    np.add.at(changes, spans[:, 0], probabilities)
    np.subtract.at(changes, spans[:, 1], probabilities)
    return np.cumsum(changes)[:length]


def _listed(labels: Sequence[str]) -> str:
    return "{" + ", ".join(sorted(labels)) + "}"
