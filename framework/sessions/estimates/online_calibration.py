"""Online calibration: what the probabilities of the model's questions have meant in the answers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

PRIOR_WEIGHT = 10.0
"""How firmly one begins with slope 1 and offset 0: as the inverse variance of each."""
STEPS, SMALLEST = 50, 1e-9
FLATTEST = 0.1  # slope: what is likelier stays likelier
LIMIT = 1e-4  # probabilities are kept this far from 0 and 1


@dataclass(frozen=True, slots=True)
class OnlineCalibration:
    """A logistic curve (Platt 1999) over the model's own log-odds: ``slope`` * log-odds + ``offset``."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, probability: float) -> float:
        """Return what a probability that the model tells has meant so far."""
        return 1 / (1 + math.exp(-(self.slope * log_odds(probability) + self.offset)))


def log_odds(probability: float) -> float:
    """Return log(p / (1 - p)), finite at 0 and 1."""
    kept = min(max(probability, LIMIT), 1 - LIMIT)
    return math.log(kept / (1 - kept))


def calibrated(judged: Iterable[tuple[float, bool]]) -> OnlineCalibration:
    """Fit the curve to probabilities and what came of them.

    The posterior mode under independent normal priors around slope 1 and offset 0, by Newton's method
    with steps that are halved until they help; the log-posterior is concave.
    """
    rows = list(judged)
    if not rows:
        return OnlineCalibration()
    inputs = np.array([[log_odds(probability), 1.0] for probability, _ in rows])
    signs = np.array([1.0 if right else -1.0 for _, right in rows])
    centre = np.array([1.0, 0.0])

    def cost(curve: npt.NDArray[np.float64]) -> float:
        surprise = np.logaddexp(0.0, -signs * (inputs @ curve)).sum()
        return float(surprise + PRIOR_WEIGHT / 2 * ((curve - centre) ** 2).sum())

    found, least = centre, cost(centre)
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (expected - (signs > 0)) + PRIOR_WEIGHT * (found - centre)
        bend = (inputs * (expected * (1 - expected))[:, None]).T @ inputs + PRIOR_WEIGHT * np.eye(2)
        step = np.linalg.solve(bend, slope)
        while (value := cost(found - step)) > least and np.abs(step).max() > SMALLEST:
            step = step / 2
        if value >= least:
            break
        found, least = found - step, value
    return OnlineCalibration(max(float(found[0]), FLATTEST), float(found[1]))
