"""What a model that went on learning has forgotten: each old label before and after."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nerture.evaluation.scorer import Counts, Report

POINT = 0.01  # of F1: a smaller difference is no matter


@dataclass(frozen=True, slots=True)
class F1Drop:
    """A label whose F1 fell by more than chance explains."""

    label: str
    before: float
    after: float


def find_f1_drops(before: Report, after: Report, labels: Iterable[str]) -> list[F1Drop]:
    """Return the labels that fell: by at least a point of F1, and by more than its standard error.

    That is the square root of F(1-F)/n, where F is the mean of both and n the number of known spans. Both
    reports are of the same texts, so that true differences stand out by less. A label of which no span is
    known is not judged.
    """
    found = []
    for label in labels:
        old, new = before.per_label[label], after.per_label[label]
        if old.known and old.f1 - new.f1 >= POINT and old.f1 - new.f1 > _error(old, new):
            found.append(F1Drop(label, old.f1, new.f1))
    return found


def _error(old: Counts, new: Counts) -> float:
    mean = (old.f1 + new.f1) / 2
    return math.sqrt(mean * (1 - mean) / old.known)
