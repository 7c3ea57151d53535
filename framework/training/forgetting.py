"""What a model that was trained further has forgotten: each old label before and after."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from nerture.evaluation.scorer import Counts, Report

POINT = 0.01
"""Smaller differences of F1 do not matter."""


@dataclass(frozen=True, slots=True)
class F1Drop:
    """A label whose F1 fell by more than chance explains."""

    label: str
    before: float
    after: float


def find_f1_drops(before: Report, after: Report, labels: Iterable[str]) -> list[F1Drop]:
    """Return the labels whose F1 fell by at least a point and by more than its standard error.

    The standard error is the square root of F(1-F)/n, where F is the mean of both and n the number of known
    spans. Both reports are of the same texts, so even smaller differences may be real. A label without known
    spans is skipped.
    """
    drops = []
    for label in labels:
        old, new = before.per_label[label], after.per_label[label]
        if old.known and old.f1 - new.f1 >= POINT and old.f1 - new.f1 > _standard_error(old, new):
            drops.append(F1Drop(label, old.f1, new.f1))
    return drops


def _standard_error(old: Counts, new: Counts) -> float:
    mean = (old.f1 + new.f1) / 2
    return math.sqrt(mean * (1 - mean) / old.known)
