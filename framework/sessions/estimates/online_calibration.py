"""Online calibration of the model's probabilities to the answers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

PRIOR_WEIGHT = 10.0
"""Inverse variance of the priors of slope (mean 1) and offset (mean 0)."""
MAX_STEPS, MIN_STEP = 50, 1e-9
MIN_SLOPE = 0.1  # slope; above 0, so that the order of probabilities is kept
CLIP = 1e-4  # probabilities are clipped to this distance from 0 and 1


@dataclass(frozen=True, slots=True)
class OnlineCalibration:
    """A logistic curve (Platt 1999) over the model's own log-odds: ``slope`` * log-odds + ``offset``."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, probability: float) -> float:
        """Return the calibrated probability."""
        return 1 / (1 + math.exp(-(self.slope * log_odds(probability) + self.offset)))


def log_odds(probability: float) -> float:
    """Return log(p / (1 - p)), finite at 0 and 1."""
    clipped = min(max(probability, CLIP), 1 - CLIP)
    return math.log(clipped / (1 - clipped))


def fit_calibration(outcomes: Iterable[tuple[float, bool]]) -> OnlineCalibration:
    """Fit the curve to predicted probabilities and whether the prediction was right.

    Return the posterior mode under independent normal priors around slope 1 and offset 0, found by Newton's
    method with step halving; the log-posterior is concave.
    """
    rows = list(outcomes)
    if not rows:
        return OnlineCalibration()
    inputs = np.array([[log_odds(probability), 1.0] for probability, _ in rows])
    signs = np.array([1.0 if right else -1.0 for _, right in rows])
    centre = np.array([1.0, 0.0])

    def cost(parameters: npt.NDArray[np.float64]) -> float:
        surprise = np.logaddexp(0.0, -signs * (inputs @ parameters)).sum()
        return float(surprise + PRIOR_WEIGHT / 2 * ((parameters - centre) ** 2).sum())

    curve, least = centre, cost(centre)
    for _ in range(MAX_STEPS):
        expected = 1 / (1 + np.exp(-inputs @ curve))
        slope = inputs.T @ (expected - (signs > 0)) + PRIOR_WEIGHT * (curve - centre)
        bend = (inputs * (expected * (1 - expected))[:, None]).T @ inputs + PRIOR_WEIGHT * np.eye(2)
        step = np.linalg.solve(bend, slope)
        while (value := cost(curve - step)) > least and np.abs(step).max() > MIN_STEP:
            step = step / 2
        if value >= least:
            break
        curve, least = curve - step, value
    return OnlineCalibration(max(float(curve[0]), MIN_SLOPE), float(curve[1]))
