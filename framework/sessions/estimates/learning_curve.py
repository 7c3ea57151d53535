"""A learning curve fitted to the estimated F1 of each version, to predict the gain from more answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEXT_ANSWERS = 100
"""Answers whose gain is predicted."""
FIRST = 20
"""Points with fewer answers are left out: they reflect patterns and chance more than learning."""
MIN_POINTS, MIN_ANSWERS = 5, 100
"""Points and answers required for a prediction, which thus never looks beyond twice the answers."""
EXPONENTS = np.linspace(0.05, 1.0, 39)
"""Exponents that are tried, from the slowest discernible improvement to the fastest."""
MAX_POINTS = 200
"""Points that are shown and fitted; more would not be visible, and would take longer."""
MIN_SPREAD = 1e-12

Points = Sequence[tuple[int, float]]
"""Pairs of the number of answers, increasing, and the F1, between 0 and 1."""


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The error 1 - F1 after n answers: ``floor`` + ``fall`` * n ** -``exponent``.

    Neither ``floor`` nor ``fall`` is negative, so the error never rises with more answers.
    """

    floor: float
    fall: float
    exponent: float

    def __call__(self, answers: float) -> float:
        """Return the F1 after ``answers`` answers, 1 or more."""
        return 1 - self.floor - self.fall * math.pow(answers, -self.exponent)

    def gain(self, answers: int, more: int = NEXT_ANSWERS) -> float:
        """Return what ``more`` answers add to the F1 reached after ``answers``; never negative."""
        return max(0.0, self(answers + more) - self(answers))


def fit_curve(points: Points) -> LearningCurve:
    """Fit an inverse power law to points of 1 answer or more.

    Least squares, with each point weighted by its number of answers, so that recent ones count most. Inverse
    power law and weights follow Figueroa et al., "Predicting sample size required for classification
    performance" (2012). For each exponent that is tried, the best floor and fall are exact: if one of them
    would be negative it is 0, and the other is the best given that.
    """
    answers, f1 = np.array(points, dtype=np.float64).T
    errors, weights = 1 - f1, answers / answers.sum()
    powers = answers ** -EXPONENTS[:, None]
    middle = powers @ weights
    centred, mean = powers - middle[:, None], float(errors @ weights)
    spread = np.maximum((centred**2) @ weights, MIN_SPREAD)
    falls = np.maximum((centred * (errors - mean)) @ weights / spread, 0.0)
    floors = mean - falls * middle
    alone = (powers * errors) @ weights / ((powers**2) @ weights)  # the best fall if floor is 0
    falls = np.where(floors < 0, alone, falls)
    floors = np.maximum(floors, 0.0)
    misses = (floors[:, None] + falls[:, None] * powers - errors) ** 2 @ weights
    best = int(np.argmin(misses))
    return LearningCurve(float(floors[best]), float(falls[best]), float(EXPONENTS[best]))


def thin_points(points: Points) -> Points:
    """Return ``MAX_POINTS`` evenly spaced points at most, with the first and the last."""
    if len(points) <= MAX_POINTS:
        return points
    kept = np.linspace(0, len(points) - 1, MAX_POINTS).round().astype(int)
    return [points[index] for index in kept.tolist()]


def estimate_next_gain(points: Points) -> float | None:
    """Predict the gain in F1 from the next ``NEXT_ANSWERS`` answers; None if it is too early to tell."""
    late = [point for point in points if point[0] >= FIRST]
    if len(late) < MIN_POINTS or late[-1][0] < MIN_ANSWERS:
        return None
    return fit_curve(late).gain(late[-1][0])
