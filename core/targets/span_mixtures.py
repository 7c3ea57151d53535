"""Operations on span probabilities: sum rows, rename and select labels, average, overrule, prune.

All of them turn distributions over derivations into distributions: the probabilities of the spans over a
token never sum to more than 1. Conversely, any such numbers are the span probabilities of some distribution,
since only spans over the same token exclude each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.errors import DataError
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.text.doc import SpanKey

if TYPE_CHECKING:
    import numpy.typing as npt

MIN_PROBABILITY = 1e-4
"""Spans to which a teacher gives a lower probability are dropped: they are many and hardly matter."""


def sum_span_rows(
    labels: Sequence[str], spans: npt.ArrayLike, probabilities: npt.ArrayLike
) -> SpanProbabilities:
    """Make span probabilities from rows in any order, (M, 3) and (M); rows of the same span add up."""
    rows = np.asarray(spans, np.int32).reshape(-1, 3)
    size = int(rows[:, 1].max(initial=0)) + 1
    keys = (rows[:, 0].astype(np.int64) * size + rows[:, 1]) * (len(labels) + 1) + rows[:, 2]
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    sums = np.bincount(inverse, np.asarray(probabilities, np.float64), minlength=len(first))
    return SpanProbabilities(tuple(labels), rows[first], np.minimum(sums, 1).astype(np.float32))


def rename_labels(teacher: SpanProbabilities, names: Mapping[str, str | None]) -> SpanProbabilities:
    """Return the same spans with other labels: ``names`` has every label; None drops the label's spans.

    A dropped span is an entity that does not matter here, so its probability goes to O. Labels that get the
    same name are merged.
    """
    if all(names[label] == label for label in teacher.labels):
        return teacher
    labels = tuple(dict.fromkeys(name for label in teacher.labels if (name := names[label]) is not None))
    return _relabel(teacher, labels, [names[label] for label in teacher.labels])


def select_labels(teacher: SpanProbabilities, labels: Sequence[str]) -> SpanProbabilities:
    """Return the probabilities for these labels alone, in their order; unknown ones are left out.

    An entity of another label does not matter here, so its probability goes to O.
    """
    kept = tuple(label for label in labels if label in teacher.labels)
    return _relabel(teacher, kept, [label if label in kept else None for label in teacher.labels])


def _relabel(
    teacher: SpanProbabilities, labels: Sequence[str], names: Sequence[str | None]
) -> SpanProbabilities:
    """Return the spans under ``labels``; ``names`` has the new name of each present label, or None."""
    numbers = [-1 if name is None else labels.index(name) for name in names]
    ours = np.array(numbers, np.int32)[teacher.spans[:, 2]]
    spans = np.column_stack([teacher.spans[:, :2], ours])
    return sum_span_rows(labels, spans[ours >= 0], teacher.probabilities[ours >= 0])


def average_probabilities(
    members: Sequence[SpanProbabilities], weights: Sequence[float]
) -> SpanProbabilities:
    """Return the mixture of several distributions over the derivations of one text.

    The weights are relative to their sum. Raises ``DataError`` if the members do not know the same labels:
    a member does not deny entities of labels that it does not know.
    """
    labels = members[0].labels
    total = sum(weights)
    spans, probabilities = [], []
    for member, weight in zip(members, weights, strict=True):
        if set(member.labels) != set(labels):
            raise DataError(
                "teachers: expected the same labels, "
                f"got {_join_labels(labels)} and {_join_labels(member.labels)}"
            )
        numbers = np.array([labels.index(label) for label in member.labels], np.int32)
        spans.append(np.column_stack([member.spans[:, :2], numbers[member.spans[:, 2]]]))
        probabilities.append(member.probabilities.astype(np.float64) * (weight / total))
    return sum_span_rows(labels, np.concatenate(spans), np.concatenate(probabilities))


def overrule_spans(teacher: SpanProbabilities, certain: Iterable[SpanKey]) -> SpanProbabilities:
    """Return the distribution in which these disjoint spans (start, end, label) have probability 1.

    Spans that overlap one of them get probability 0; the others keep theirs.
    """
    spans = np.array([(start, end, teacher.labels.index(label)) for start, end, label in certain], np.int32)
    spans = spans.reshape(-1, 3)
    start, end = teacher.spans[:, 0], teacher.spans[:, 1]
    kept = np.ones(len(start), np.bool_)
    for first, last, _ in spans.tolist():
        kept &= (end <= first) | (start >= last)
    return sum_span_rows(
        teacher.labels,
        np.concatenate([teacher.spans[kept], spans]),
        np.concatenate([teacher.probabilities[kept], np.ones(len(spans), np.float32)]),
    )


def prune_spans(teacher: SpanProbabilities, least: float = MIN_PROBABILITY) -> SpanProbabilities:
    """Drop the spans of a probability below ``least``."""
    kept = teacher.probabilities >= least
    return replace(teacher, spans=teacher.spans[kept], probabilities=teacher.probabilities[kept])


def coverage(
    spans: npt.NDArray[np.int32], probabilities: npt.ArrayLike, length: int
) -> npt.NDArray[np.float64]:
    """Return the sum of the probabilities of the spans over each token (or character), float64 (length)."""
    changes = np.zeros(length + 1)
    np.add.at(changes, spans[:, 0], probabilities)
    np.subtract.at(changes, spans[:, 1], probabilities)
    return np.cumsum(changes)[:length]


def _join_labels(labels: Sequence[str]) -> str:
    return "{" + ", ".join(sorted(labels)) + "}"
