"""The expected number of tokens in entities, against the sum over all derivations."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nerture.core.lattice.expectation import expected_entity_tokens
from nerture.core.lattice.forward_backward import log_probabilities

from ...support.all_derivations import enumerate_all

SHAPES = [(1, 1, 1), (1, 3, 2), (2, 1, 2), (3, 2, 1), (3, 3, 2), (4, 3, 2), (5, 4, 1), (4, 6, 1)]


def expected(closed, open_, counted):
    return expected_entity_tokens(*log_probabilities(closed, open_), np.array(counted, np.uint8))


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
def test_it_is_the_mean_over_all_derivations(random_scores, length, longest, labels):
    closed, open_ = random_scores(length, longest, labels)
    for counted in ([1] * labels, [1] + [0] * (labels - 1), [0] * labels):
        mean = math.fsum(
            math.exp(weight) * sum(counted[label] * (end - start) for start, end, label in spans)
            for spans, weight, _ in enumerate_all(closed, open_, range(labels))
        )
        assert expected(closed, open_, counted)[0] == pytest.approx(mean)


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
def test_its_gradient_is_exact(random_scores, slopes, length, longest, labels):
    closed, open_ = random_scores(length, longest, labels)
    counted = [1] + [0] * (labels - 1)
    _, d_closed, d_open = expected(closed, open_, counted)
    wanted = slopes(lambda *moved: expected(*moved, counted)[0], closed, open_)
    np.testing.assert_allclose(d_closed, wanted[0], atol=1e-8)
    np.testing.assert_allclose(d_open, wanted[1], atol=1e-8)


def test_the_empty_text_expects_nothing():
    value, d_closed, d_open = expected(np.zeros((0, 5)), np.zeros((0, 2, 4)), [1, 1])
    assert (value, d_closed.shape, d_open.shape) == (0, (0, 5), (0, 2, 4))


def test_extreme_scores_stay_finite():
    random = np.random.default_rng(0)
    closed, open_ = 1e4 * random.normal(size=(30, 5)), 1e4 * random.normal(size=(30, 4, 4))
    value, d_closed, d_open = expected(closed, open_, [1, 1])
    assert 0 <= value <= 30
    assert np.isfinite(d_closed).all()
    assert np.isfinite(d_open).all()
