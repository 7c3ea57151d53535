"""Reliability against counting by hand, and against answers that are drawn with the probabilities given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.errors import DataError
from nerture.evaluation.reliability import Reliability

PAIRS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def naive_ece(pairs):
    bins = {}
    for probability, right in pairs:
        bins.setdefault(min(math.floor(probability * 10), 9), []).append((probability, right))
    total = 0.0
    for found in bins.values():
        mean = sum(probability for probability, _ in found) / len(found)
        share = sum(right for _, right in found) / len(found)
        total += len(found) / len(pairs) * abs(mean - share)
    return total


@given(PAIRS)
def test_measures_are_those_of_a_naive_count(pairs):
    measured = Reliability(*zip(*pairs, strict=True))
    assert measured.ece == pytest.approx(naive_ece(pairs))
    assert measured.brier == pytest.approx(sum((p - right) ** 2 for p, right in pairs) / len(pairs))
    share = sum(right for _, right in pairs) / len(pairs)
    constant = sum((share - right) ** 2 for _, right in pairs) / len(pairs)
    assert measured.brier_of_constant == pytest.approx(constant)
    assert len(measured) == len(pairs)
    assert measured.accuracy == pytest.approx(share)


@given(PAIRS)
def test_the_table_holds_every_prediction_once(pairs):
    table = Reliability(*zip(*pairs, strict=True)).bins
    assert [(part.lower, part.upper) for part in table] == [(n / 10, (n + 1) / 10) for n in range(10)]
    for part in table:
        last = part.upper == 1
        inside = [pair for pair in pairs if part.lower <= pair[0] < part.upper or (last and pair[0] == 1)]
        if all(abs(p * 10 - round(p * 10)) > 1e-9 for p, _ in pairs):  # not at a border, up to rounding
            assert part.count == len(inside)
        assert (part.confidence is None) == (part.accuracy is None) == (part.count == 0)
    assert sum(part.count for part in table) == len(pairs)
    assert sum(part.count * (part.accuracy or 0) for part in table) == pytest.approx(sum(r for _, r in pairs))


def test_by_hand():
    measured = Reliability([0.95, 0.95, 0.65, 0.65], [True, True, True, False])
    assert measured.ece == pytest.approx(0.5 * 0.05 + 0.5 * 0.15)
    assert measured.brier == pytest.approx((2 * 0.05**2 + 0.35**2 + 0.65**2) / 4)
    assert measured.brier_of_constant == pytest.approx(0.75 * 0.25)
    assert measured.confidence == pytest.approx(0.8)
    row = measured.bins[6].as_dict()
    assert row == {"from": 0.6, "to": 0.7, "count": 2, "confidence": pytest.approx(0.65), "accuracy": 0.5}
    assert measured.bins[0].as_dict() == {
        "from": 0.0, "to": 0.1, "count": 0, "confidence": None, "accuracy": None,
    }  # fmt: skip


def naive_band(probabilities, draws, random):
    found = []
    for _ in range(draws):
        found.append(naive_ece([(p, random.random() < p) for p in probabilities]))
    found.sort()
    return found[int(0.025 * draws)], found[int(0.975 * draws)]


def test_the_band_is_that_of_a_naive_simulation():
    random = np.random.default_rng(3)
    probabilities = (random.beta(5, 2, size=120)).tolist()
    low, high = Reliability(probabilities, [True] * 120).ece_band(draws=4000)
    assert (low, high) == pytest.approx(naive_band(probabilities, 4000, random), abs=0.004)
    assert 0 < low < high


def test_true_probabilities_lie_in_the_band_and_false_ones_above_it():
    """Of 200 models that are as sure as they should be, about 95 % are in the band; none that boasts is."""
    random = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        probabilities = random.beta(4, 1.5, size=300)
        measured = Reliability(probabilities.tolist(), (random.random(300) < probabilities).tolist())
        low, high = measured.ece_band(draws=300, seed=seed)
        inside += low <= measured.ece <= high
        boasting = Reliability(probabilities.tolist(), (random.random(300) < probabilities - 0.15).tolist())
        assert boasting.ece > boasting.ece_band(draws=300)[1]
    assert 180 <= inside <= 199


def test_the_band_is_the_same_every_time_and_of_many_predictions():
    probabilities = np.random.default_rng(1).random(300_000)
    measured = Reliability(probabilities.tolist(), [True] * len(probabilities))
    low, high = measured.ece_band(draws=20)
    assert (low, high) == measured.ece_band(draws=20)
    assert high < 0.01, "of so many, chance leaves little"


def test_what_is_no_probability_is_refused():
    assert Reliability([1 + 1e-12, -1e-12], [True, False]).brier == 0
    for bad in (1.01, -0.01, math.nan, math.inf):
        with pytest.raises(DataError, match="expected 0 to 1"):
            Reliability([0.5, bad], [True, True])
    with pytest.raises(DataError, match="no prediction"):
        Reliability([], [])
    with pytest.raises(DataError, match="expected 2 answers, one for each probability, got 1"):
        Reliability([0.5, 0.5], [True])
