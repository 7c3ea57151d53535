"""``Reliability``: how the probabilities of predicted spans compare with how often these spans are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nerture.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt

BINS = 10
BAND = (2.5, 97.5)
"""Percentiles between which 95 % lie."""
ROUNDING = 1e-6
"""How far a probability may lie outside 0 to 1: sums of floating-point numbers end a little off."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The predictions whose probability is at least ``lower`` and below ``upper`` (the last bin has 1 too).

    ``confidence`` is their mean probability and ``accuracy`` the share that is right; None in an empty bin.
    """

    lower: float
    upper: float
    count: int
    confidence: float | None
    accuracy: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the bin as it is printed for programs."""
        return {
            "from": self.lower,
            "to": self.upper,
            "count": self.count,
            "confidence": self.confidence,
            "accuracy": self.accuracy,
        }


class Reliability:
    """Predictions' probabilities (M), beside whether each prediction is right (M); M is at least 1.

    Raises ``DataError`` for none, and for a number that is no probability.
    """

    def __init__(self, probabilities: Sequence[float], right: Sequence[bool]) -> None:
        self.probabilities = _checked(probabilities)
        self.right = np.asarray(right, dtype=np.float64)
        if self.right.shape != self.probabilities.shape:
            raise DataError(f"{len(self.probabilities)} probabilities, and {len(self.right)} answers to them")
        self._bins = np.minimum((self.probabilities * BINS).astype(np.int64), BINS - 1)

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def confidence(self) -> float:
        """The mean probability."""
        return float(self.probabilities.mean())

    @property
    def accuracy(self) -> float:
        """The share that is right."""
        return float(self.right.mean())

    @property
    def ece(self) -> float:
        """Expected calibration error over ten equal bins, between 0 and 1 (Naeini et al. 2015).

        The distance between mean probability and share right in each bin, weighted by the bin's count.
        """
        return float(self._ece(self.right[None])[0])

    @property
    def brier(self) -> float:
        """The mean squared distance of the probability from what came (1 right, 0 wrong; Brier 1950)."""
        return float(((self.probabilities - self.right) ** 2).mean())

    @property
    def brier_of_constant(self) -> float:
        """The Brier score of saying the share that is right, every time: what a useful probability beats."""
        return self.accuracy * (1 - self.accuracy)

    @property
    def bins(self) -> list[Bin]:
        """The reliability table: ten equal bins from 0 to 1."""
        table = []
        for number in range(BINS):
            inside = self._bins == number
            count = int(inside.sum())
            confidence = float(self.probabilities[inside].mean()) if count else None
            accuracy = float(self.right[inside].mean()) if count else None
            table.append(Bin(number / BINS, (number + 1) / BINS, count, confidence, accuracy))
        return table

    def as_dict(self) -> dict[str, Any]:
        """Return the measures as they are printed for programs."""
        return {"ece": self.ece, "brier": self.brier, "reliability": [part.as_dict() for part in self.bins]}

    def ece_band(self, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
        """Return where 95 % of the ECE would lie if every probability were exactly true.

        So few predictions never have an ECE of 0: answers are drawn from the probabilities themselves,
        ``draws`` times (consistency resampling, Bröcker & Smith 2007). An ECE above the band is the model's
        fault, one within it may be chance.
        """
        random = np.random.default_rng(seed)
        at_once = max(1, 4_000_000 // len(self))
        found = [
            self._ece(random.random((min(at_once, draws - done), len(self))) < self.probabilities)
            for done in range(0, draws, at_once)
        ]
        low, high = np.percentile(np.concatenate(found), BAND)
        return float(low), float(high)

    def _ece(self, answers: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return the ECE of each row of answers (D, M)."""
        surplus = self.probabilities - answers
        distance = [abs(surplus[:, self._bins == number].sum(axis=1)) for number in np.unique(self._bins)]
        return np.asarray(np.sum(distance, axis=0) / len(self), dtype=np.float64)


def _checked(probabilities: Sequence[float]) -> npt.NDArray[np.float64]:
    array = np.asarray(probabilities, dtype=np.float64)
    if not len(array):
        raise DataError("no prediction to compare with the truth")
    wrong = ~((array >= -ROUNDING) & (array <= 1 + ROUNDING))
    if wrong.any():
        raise DataError(f"expected 0 to 1, got the probability {array[wrong][0]}")
    return array.clip(0, 1)
