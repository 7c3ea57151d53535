"""Sorters (query strategies): which question a session asks next."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from pydantic import Field

from nerture import hookimpl
from nerture.interfaces import Candidate, Options, Register, Services, Sorter


class Uncertain:
    """The highest expected gain per second of the annotator's time first."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates; ties stay in the order of the source."""
        return sorted(
            range(len(candidates)), key=lambda index: -candidates[index].gain / candidates[index].seconds
        )


class High:
    """The highest probability first."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates; ties stay in the order of the source."""
        return sorted(range(len(candidates)), key=lambda index: -candidates[index].probability)


class Low:
    """The lowest probability first."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates; ties stay in the order of the source."""
        return sorted(range(len(candidates)), key=lambda index: candidates[index].probability)


class Random:
    """A random order."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates, shuffled by the seed."""
        order: list[int] = np.random.default_rng(seed).permutation(len(candidates)).tolist()
        return order


def merit(probability: float) -> float:
    """Return how close a probability is to 0.5: 1 at 0.5, 0 at 0 and 1."""
    return 1 - 2 * abs(probability - 0.5)


class Probability:
    """The order of the source; each candidate is drawn with probability max(``merit``, ``least``)."""

    def __init__(self, least: float) -> None:
        self.least = least

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return the candidates that were drawn; the others wait."""
        drawn = np.random.default_rng(seed).random(len(candidates))
        p = [max(merit(candidate.probability), self.least) for candidate in candidates]
        return [index for index in range(len(candidates)) if drawn[index] < p[index]]


class MovingAverage:
    """Prodigy's rule: in the order of the source, candidates with more merit than the previous ones.

    A candidate is asked if its merit is at least ``deviations`` standard deviations above the average, where
    average and variance are exponential moving averages. The others wait.
    """

    def __init__(self, keep: float, deviations: float) -> None:
        self.keep, self.deviations = keep, deviations

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return the candidates that stand out; the others wait."""
        mean, variance = 0.0, 0.0
        chosen = []
        for index, candidate in enumerate(candidates):
            value = merit(candidate.probability)
            if value >= mean + self.deviations * math.sqrt(variance):
                chosen.append(index)
            distance = value - mean
            mean += (1 - self.keep) * distance
            variance = self.keep * (variance + (1 - self.keep) * distance**2)
        return chosen


class ProbabilityOptions(Options):
    """Options of the sorter ``probability``."""

    least: float = Field(default=0.05, ge=0, le=1, description="minimum probability of each candidate")


class MovingAverageOptions(Options):
    """Options of the sorter ``moving_average``."""

    keep: float = Field(default=0.9, ge=0, lt=1, description="decay of the average per candidate")
    deviations: float = Field(
        default=1.0, ge=0, allow_inf_nan=False, description="standard deviations above the average"
    )


def make_probability(options: ProbabilityOptions, services: Services) -> Sorter:
    """Make the sorter ``probability``."""
    return Probability(options.least)


def make_moving_average(options: MovingAverageOptions, services: Services) -> Sorter:
    """Make the sorter ``moving_average``."""
    return MovingAverage(options.keep, options.deviations)


@hookimpl
def nerture_register_sorters(register: Register) -> None:
    """Register all sorters."""
    register("uncertain", lambda options, services: Uncertain())
    register("high", lambda options, services: High())
    register("low", lambda options, services: Low())
    register("random", lambda options, services: Random())
    register("probability", make_probability, config=ProbabilityOptions)
    register("moving_average", make_moving_average, config=MovingAverageOptions)
