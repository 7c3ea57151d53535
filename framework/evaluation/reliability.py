"""``Reliability``: compares the probabilities of predicted spans with how often these spans are right."""

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
"""The percentiles of an interval of 95 %."""
ROUNDING = 1e-6
"""How far a probability may be outside 0 to 1, as sums of floating-point numbers are inexact."""


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
        """Return the bin as ``--json`` prints it."""
        return {
            "from": self.lower,
            "to": self.upper,
            "count": self.count,
            "confidence": self.confidence,
            "accuracy": self.accuracy,
        }


class Reliability:
    """Probabilities (M) of predictions, and whether each prediction is right (M); M is at least 1.

    Raises ``DataError`` if there is no prediction, and for a number that is not a probability.
    """

    def __init__(self, probabilities: Sequence[float], right: Sequence[bool]) -> None:
        self.probabilities = _check(probabilities)
        self.right = np.asarray(right, dtype=np.float64)
        if self.right.shape != self.probabilities.shape:
            raise DataError(
                f"expected {len(self.probabilities)} answers, one for each probability, got {len(self.right)}"
            )
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
        """The mean squared distance of the probability from the outcome (1 right, 0 wrong; Brier 1950)."""
        return float(((self.probabilities - self.right) ** 2).mean())

    @property
    def brier_of_constant(self) -> float:
        """The Brier score of always predicting the share that is right; a useful model has a lower one."""
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
        """Return the measures as ``--json`` prints them."""
        return {"ece": self.ece, "brier": self.brier, "reliability": [part.as_dict() for part in self.bins]}

    def ece_band(self, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
        """Return the interval of 95 % of the ECE if every probability were exactly right.

        With few predictions even that ECE is not 0. Outcomes are drawn from the probabilities ``draws``
        times (consistency resampling, Bröcker & Smith 2007). An ECE above the interval shows a badly
        calibrated model; one within it may be chance.
        """
        random = np.random.default_rng(seed)
        at_once = max(1, 4_000_000 // len(self))
        values = [
            self._ece(random.random((min(at_once, draws - done), len(self))) < self.probabilities)
            for done in range(0, draws, at_once)
        ]
        low, high = np.percentile(np.concatenate(values), BAND)
        return float(low), float(high)

    def _ece(self, answers: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return the ECE of each row of answers (D, M)."""
        surplus = self.probabilities - answers
        distance = [abs(surplus[:, self._bins == number].sum(axis=1)) for number in np.unique(self._bins)]
        return np.asarray(np.sum(distance, axis=0) / len(self), dtype=np.float64)


def _check(probabilities: Sequence[float]) -> npt.NDArray[np.float64]:
    array = np.asarray(probabilities, dtype=np.float64)
    if not len(array):
        raise DataError("no prediction to evaluate")
    wrong = ~((array >= -ROUNDING) & (array <= 1 + ROUNDING))
    if wrong.any():
        raise DataError(f"probability: expected 0 to 1, got {array[wrong][0]}")
    return array.clip(0, 1)
