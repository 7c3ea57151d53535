"""The threshold that training settles: half the best F1 there is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.training.threshold import MAX_THRESHOLD, MIN_THRESHOLD, find_best_threshold


@dataclass
class Candidates:
    """A learner of candidate spans that are as often right as their probabilities say."""

    probabilities: np.ndarray
    threshold: float = 0.7


@dataclass
class Scored:
    f1: float
    threshold: float


def expected(candidates: Candidates) -> Scored:
    found = candidates.probabilities[candidates.probabilities >= candidates.threshold]
    f1 = 2 * found.sum() / (len(found) + candidates.probabilities.sum())
    return Scored(float(f1), candidates.threshold)


def highest_f1(probabilities: np.ndarray) -> float:
    ranked = np.sort(probabilities)[::-1]
    return float((2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())).max())


def settled(probabilities: list[float]) -> tuple[Candidates, Any]:
    candidates = Candidates(np.array(probabilities))

    def scored(threshold: float) -> Any:
        candidates.threshold = threshold
        return expected(candidates)

    threshold, report = find_best_threshold(scored)
    assert candidates.threshold == threshold, "the last one that was tried"
    return candidates, report


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=60))
def test_it_is_half_of_the_best_f1_among_all_thresholds(probabilities: list[float]) -> None:
    candidates, report = settled(probabilities)
    best = highest_f1(candidates.probabilities)
    assert candidates.threshold == pytest.approx(min(max(best / 2, MIN_THRESHOLD), MAX_THRESHOLD), abs=0.03)
    if best / 2 > MIN_THRESHOLD:
        assert report.f1 > best - 0.02


def test_the_report_is_the_one_at_the_threshold_that_stays() -> None:
    candidates, report = settled([0.9, 0.45, 0.3, 0.3, 0.2])
    assert report == expected(candidates)
    assert candidates.threshold < MAX_THRESHOLD


def test_where_all_is_sure_only_the_likely_is_found() -> None:
    candidates, _ = settled([1.0] * 20)
    assert candidates.threshold == MAX_THRESHOLD


def test_where_nothing_is_likely_the_threshold_has_a_floor() -> None:
    candidates, _ = settled([0.02] * 20)
    assert candidates.threshold == MIN_THRESHOLD
