"""A learning curve fitted to what was estimated of each version, to say what more answers are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEXT = 100
"""Answers whose worth is told."""
FIRST = 20
"""Answers below which a point is left out: what patterns and chance made of it says nothing of learning."""
MIN_POINTS, MIN_ANSWERS = 5, 100
"""Without so many points, or so many answers, nothing is foretold: never more than as many again."""
EXPONENTS = np.linspace(0.05, 1.0, 39)
"""Exponents that are tried: the slowest improvement that can be told from none, and the fastest."""
MAX_POINTS = 200
"""Points that are shown and fitted to: more would not be seen, and would take longer."""
MIN_SPREAD = 1e-12

Points = Sequence[tuple[int, float]]
"""Numbers of answers, which rise, and F1, between 0 and 1."""


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The error after n answers, ``floor`` + ``fall`` * n ** -``exponent``, where 1 - F1 is the error.

    Neither ``floor`` nor ``fall`` is negative, so that more answers never make it worse.
    """

    floor: float
    fall: float
    exponent: float

    def __call__(self, answers: float) -> float:
        """Return the F1 after so many answers, at least 1."""
        return 1 - self.floor - self.fall * math.pow(answers, -self.exponent)

    def gain(self, answers: int, more: int = NEXT) -> float:
        """Return what ``more`` answers add to the F1 after ``answers``; never negative."""
        return max(0.0, self(answers + more) - self(answers))


def fitted(points: Points) -> LearningCurve:
    """Return the inverse power law that is nearest to the points, each of 1 answer or more.

    Least squares, each point weighted by its number of answers, so that recent ones count most. Inverse power
    law and weights of this kind are those of Figueroa et al., "Predicting sample size required for
    classification performance" (2012). For each exponent that is tried, the best floor and fall are exact:
    where one of them would be negative it is 0, and the other is the best by itself.
    """
    answers, f1 = np.array(points, dtype=np.float64).T
    errors, weights = 1 - f1, answers / answers.sum()
    powers = answers ** -EXPONENTS[:, None]
    middle = powers @ weights
    centred, mean = powers - middle[:, None], float(errors @ weights)
    spread = np.maximum((centred**2) @ weights, MIN_SPREAD)
    falls = np.maximum((centred * (errors - mean)) @ weights / spread, 0.0)
    floors = mean - falls * middle
    alone = (powers * errors) @ weights / ((powers**2) @ weights)  # the best fall above a floor of 0
    falls = np.where(floors < 0, alone, falls)
    floors = np.maximum(floors, 0.0)
    misses = (floors[:, None] + falls[:, None] * powers - errors) ** 2 @ weights
    best = int(np.argmin(misses))
    return LearningCurve(float(floors[best]), float(falls[best]), float(EXPONENTS[best]))


def thinned(points: Points) -> Points:
    """Return the points, thinned evenly to ``MAX_POINTS``; the first and the last are kept."""
    if len(points) <= MAX_POINTS:
        return points
    return [
        points[place] for place in np.linspace(0, len(points) - 1, MAX_POINTS).round().astype(int).tolist()
    ]


def next_gain(points: Points) -> float | None:
    """Return what the next ``NEXT`` answers are expected to add to the F1; None: it is too early to tell."""
    late = [point for point in points if point[0] >= FIRST]
    if len(late) < MIN_POINTS or late[-1][0] < MIN_ANSWERS:
        return None
    return fitted(late).gain(late[-1][0])
