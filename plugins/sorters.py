"""Sorters: which question a session asks next."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from pydantic import Field

from nerture.hookspecs import hookimpl
from nerture.interfaces import Candidate, Options, Register, Services, Sorter


class Uncertain:
    """What an answer is expected to teach for each second that it takes, most first."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates; those that are equal stay in the order of the source."""
        return sorted(
            range(len(candidates)), key=lambda index: -candidates[index].gain / candidates[index].seconds
        )


class High:
    """What is most probably right first."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates; those that are equal stay in the order of the source."""
        return sorted(range(len(candidates)), key=lambda index: -candidates[index].probability)


class Low:
    """What is most probably wrong first."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates; those that are equal stay in the order of the source."""
        return sorted(range(len(candidates)), key=lambda index: candidates[index].probability)


class Random:
    """Any order, each as likely as the other."""

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return all candidates, shuffled by the seed."""
        order: list[int] = np.random.default_rng(seed).permutation(len(candidates)).tolist()
        return order


def merit(probability: float) -> float:
    """Return how near a probability is to one half: 1 at one half, 0 at 0 and 1."""
    return 1 - 2 * abs(probability - 0.5)


class Probability:
    """In the order of the source, each with the probability that its ``merit`` is, and ``least`` at least."""

    def __init__(self, least: float) -> None:
        self.least = least

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return the candidates that were drawn; the others wait."""
        drawn = np.random.default_rng(seed).random(len(candidates))
        chance = [max(merit(candidate.probability), self.least) for candidate in candidates]
        return [index for index in range(len(candidates)) if drawn[index] < chance[index]]


class MovingAverage:
    """Prodigy's rule: in the order of the source, those whose merit stands out from what went before.

    An exponential moving average of merit and of its squared distance from that average is kept; a candidate
    is asked when its merit is at least ``deviations`` standard deviations above the average. The others are
    left out.
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

    least: float = Field(default=0.05, ge=0, le=1, description="each candidate's chance, at least")


class MovingAverageOptions(Options):
    """Options of the sorter ``moving_average``."""

    keep: float = Field(default=0.9, ge=0, lt=1, description="share that the average keeps at each candidate")
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
    """Hand them in."""
    register("uncertain", lambda options, services: Uncertain())
    register("high", lambda options, services: High())
    register("low", lambda options, services: Low())
    register("random", lambda options, services: Random())
    register("probability", make_probability, config=ProbabilityOptions)
    register("moving_average", make_moving_average, config=MovingAverageOptions)
