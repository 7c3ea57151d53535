"""The fit of a learning curve against curves that are known, and against every other curve."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.sessions.estimates.learning_curve import (
    EXPONENTS,
    LearningCurve,
    estimate_next_gain,
    fit_curve,
    thin_points,
)

known = st.builds(LearningCurve, st.floats(0, 0.5), st.floats(0.05, 2), st.sampled_from(EXPONENTS.tolist()))
numbers = st.lists(st.integers(20, 2000), min_size=5, max_size=40, unique=True).map(sorted)
scores = st.floats(0, 1)


def misses(curve, points):
    total = sum(answers for answers, _ in points)
    return sum(answers / total * (curve(answers) - f1) ** 2 for answers, f1 in points)


@given(known, numbers)
def test_a_known_curve_is_found_again(curve, answers):
    points = [(count, curve(count)) for count in answers]
    found = fit_curve(points)
    assert [found(count) for count in answers] == pytest.approx([f1 for _, f1 in points], abs=1e-6)
    if len(answers) >= 10 and answers[-1] > 5 * answers[0]:
        assert found.gain(answers[-1]) == pytest.approx(curve.gain(answers[-1]), abs=1e-3)


@given(
    st.lists(
        st.tuples(st.integers(20, 2000), scores), min_size=5, max_size=30, unique_by=lambda point: point[0]
    )
)
def test_no_other_curve_is_nearer(points):
    """For each exponent, the best curve is free or on one of the two bounds; solve for all three."""
    points.sort()
    answers, f1 = np.array(points).T
    roots = np.sqrt(answers / answers.sum())
    least = math.inf
    for exponent in EXPONENTS.tolist():
        both = np.stack([np.ones(len(points)), answers**-exponent], axis=1)
        for kept in ([0, 1], [0], [1]):
            solved = np.zeros(2)
            solved[kept] = np.linalg.lstsq(both[:, kept] * roots[:, None], (1 - f1) * roots, rcond=None)[0]
            if solved.min() >= 0:
                least = min(least, misses(LearningCurve(*solved.tolist(), exponent), points))
    assert misses(fit_curve(points), points) == pytest.approx(least, rel=1e-6, abs=1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 2000), scores), min_size=0, max_size=40, unique_by=lambda p: p[0]),
    st.integers(1, 3000),
)
def test_the_predicted_gain_is_never_negative(points, answers):
    points.sort()
    gain = estimate_next_gain(points)
    late = [count for count, _ in points if count >= 20]
    assert (gain is None) == (len(late) < 5 or late[-1] < 100)
    if gain is not None:
        curve = fit_curve([point for point in points if point[0] >= 20])
        assert 0 <= gain <= 1
        assert curve.floor >= 0
        assert curve.fall >= 0
        assert curve(answers + 1) >= curve(answers)
        assert curve.gain(answers, 50) <= curve.gain(answers, 100)


def test_the_gain_is_near_the_truth_where_points_are_noisy():
    curve = LearningCurve(0.2, 2.0, 0.5)
    gains = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        points = [(n, curve(n) + float(rng.normal(0, 0.015))) for n in range(25, 201, 5)]
        gains.append(estimate_next_gain(points))
    truth = curve.gain(200)
    assert np.mean(gains) == pytest.approx(truth, abs=0.01)
    assert np.std(gains) < 0.02


def test_recent_points_count_most():
    """It rose and then levelled off, so more answers gain little."""
    level = [(n, 0.3 if n < 60 else 0.6) for n in range(20, 401, 20)]
    assert estimate_next_gain(level) < 0.03
    assert estimate_next_gain([(n, 0.7 - 0.0005 * n) for n in range(20, 401, 20)]) == 0  # it falls: nothing


def test_many_points_are_thinned_and_both_ends_kept():
    points = [(n, n / 10_000) for n in range(1, 1235)]
    kept = thin_points(points)
    assert len(kept) == len(set(kept)) == 200
    assert set(kept) <= set(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    steps = np.diff([n for n, _ in kept])
    assert steps.max() - steps.min() <= 1
    assert thin_points(points[:200]) == points[:200]
