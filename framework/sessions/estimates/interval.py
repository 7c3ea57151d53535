"""``Interval``: an estimate and how uncertain it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval of nominally 95 %."""

    estimate: float
    low: float
    high: float
