"""Online calibration: what the probabilities of the model's questions have meant in the answers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

PRIOR_WEIGHT = 10.0
"""How firmly one begins with slope 1 and offset 0: as the inverse variance of each."""
STEPS = 25
LIMIT = 1e-4  # probabilities are kept this far from 0 and 1


@dataclass(frozen=True, slots=True)
class Calibration:
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


def calibrated(judged: Iterable[tuple[float, bool]]) -> Calibration:
    """Fit the curve to probabilities and what came of them.

    The posterior mode under independent normal priors around slope 1 and offset 0, by Newton's method; the
    log-posterior is concave. The slope is kept above 0, so that order stays.
    """
    rows = list(judged)
    if not rows:
        return Calibration()
    inputs = np.array([[log_odds(probability), 1.0] for probability, _ in rows])
    answers = np.array([float(right) for _, right in rows])
    centre = np.array([1.0, 0.0])
    found = centre.copy()
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (answers - expected) - PRIOR_WEIGHT * (found - centre)
        bend = (inputs * (expected * (1 - expected))[:, None]).T @ inputs + PRIOR_WEIGHT * np.eye(2)
        found = found + np.linalg.solve(bend, slope)
    return Calibration(max(float(found[0]), 0.1), float(found[1]))
