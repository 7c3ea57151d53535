"""Masses and marginals of lattices of any weights, and the weights of steps, against sums over all paths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from nerture.core.lattice.forward_backward import (
    action_shares,
    backward_log_masses,
    forward_log_masses,
    log_probabilities,
    log_weights,
    marginals,
)

from ...support.all_derivations import enumerate_all, log_sum, shares
from ...support.lattice_paths import all_paths
from .test_k_best import lattices

SHAPES = [(1, 1, 1), (1, 3, 2), (3, 2, 2), (4, 4, 1), (5, 3, 1)]


@given(lattices())
@settings(deadline=None)
def test_masses_are_those_of_all_paths_to_and_from_a_position(lattice):
    outside, segments = lattice
    length = len(outside)
    before, after = forward_log_masses(outside, segments), backward_log_masses(outside, segments)
    for place in range(length + 1):
        ways_to = all_paths(outside[:place], _up_to(segments, place))
        assert before[place] == pytest.approx(log_sum(weight for weight, _ in ways_to))
        ways_from = all_paths(outside, segments, place)
        assert after[place] == pytest.approx(log_sum(weight for weight, _ in ways_from))


def _up_to(segments, place):
    """The segments that end at a place or before it; the others cannot be taken."""
    kept = segments[:place].copy()
    for start in range(place):
        kept[start, place - start :] = -np.inf
    return kept


@given(lattices())
@settings(deadline=None)
def test_a_marginal_is_the_share_of_the_paths_that_take_the_step(lattice):
    outside, segments = lattice
    paths = list(all_paths(outside, segments))
    if not paths:
        return
    mass = log_sum(weight for weight, _ in paths)
    free, taken = np.zeros(outside.shape), np.zeros(segments.shape)
    for weight, entities in paths:
        covered = set()
        for start, end, label in entities:
            taken[start, end - start - 1, label] += math.exp(weight - mass)
            covered.update(range(start, end))
        for token in set(range(len(outside))) - covered:
            free[token] += math.exp(weight - mass)
    before, after = forward_log_masses(outside, segments), backward_log_masses(outside, segments)
    found = marginals(outside, segments, before, after)
    np.testing.assert_allclose(found[0], free, atol=1e-9)
    np.testing.assert_allclose(found[1], taken, atol=1e-9)


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_a_path_weighs_what_its_actions_do(random_scores, length, longest, labels, temperature):
    closed, open_ = random_scores(length, longest, labels)
    lattice = log_weights(*log_probabilities(closed, open_, temperature))
    wanted = enumerate_all(closed / temperature, open_ / temperature, range(labels))
    found = {path: weight for weight, path in all_paths(*lattice)}
    assert found == pytest.approx({spans: weight for spans, weight, _ in wanted})


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
def test_actions_are_taken_as_often_as_by_all_derivations(random_scores, length, longest, labels):
    closed, open_ = random_scores(length, longest, labels)
    lattice = log_weights(*log_probabilities(closed, open_))
    steps = marginals(*lattice, forward_log_masses(*lattice), backward_log_masses(*lattice))
    wanted = shares(enumerate_all(closed, open_, range(labels)), 0.0, closed.shape, open_.shape)
    for found, expected in zip(action_shares(*steps), wanted, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_extreme_weights_neither_overflow_nor_vanish():
    outside, segments = np.array([-1e4, 1e4]), np.full((2, 2, 1), -1e5)
    assert forward_log_masses(outside, segments)[-1] == pytest.approx(0)
    assert backward_log_masses(outside, segments)[0] == pytest.approx(0)
