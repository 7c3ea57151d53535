"""The best paths and samples, against all paths of lattices of any weights."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.lattice.forward_backward import forward_log_masses
from nerture.core.lattice.k_best import k_best, sample

from ...support.lattice_paths import all_paths


@st.composite
def lattices(draw):
    """Weights of steps, some of them impossible; they need not be probabilities."""
    length, longest, labels = draw(st.integers(0, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 2))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    outside, segments = random.normal(0, 2, length), random.normal(0, 2, (length, longest, labels))
    impossible = draw(st.sampled_from([0.0, 0.3, 0.9]))
    outside[random.random(outside.shape) < impossible] = -np.inf
    segments[random.random(segments.shape) < impossible] = -np.inf
    return outside, segments


def to_tuples(path):
    return tuple(map(tuple, path.tolist()))


@given(lattices(), st.integers(1, 12))
@settings(deadline=None)
def test_the_k_best_are_the_first_of_all_paths(lattice, k):
    everything = sorted(all_paths(*lattice), reverse=True)
    found = k_best(*lattice, k)
    assert [weight for weight, _ in found] == pytest.approx([weight for weight, _ in everything[:k]])
    weights = {path: weight for weight, path in everything}
    assert len({to_tuples(path) for _, path in found}) == len(found), "none comes twice"
    assert [weights[to_tuples(path)] for _, path in found] == pytest.approx([weight for weight, _ in found])


@given(lattices(), st.integers(0, 2**63))
@settings(deadline=None)
def test_samples_are_paths_and_the_same_seed_draws_the_same(lattice, seed):
    before = forward_log_masses(*lattice)
    if before[-1] == -math.inf:
        return
    drawn = sample(*lattice, before, seed)
    assert to_tuples(drawn) in {path for _, path in all_paths(*lattice)}
    np.testing.assert_array_equal(drawn, sample(*lattice, before, seed))


def test_samples_come_as_often_as_they_are_probable():
    random = np.random.default_rng(0)
    lattice = random.normal(0, 1, 3), random.normal(0, 1, (3, 2, 1))
    before, draws = forward_log_masses(*lattice), 20_000
    times = Counter(to_tuples(sample(*lattice, before, seed)) for seed in range(draws))
    for weight, path in all_paths(*lattice):
        chance = math.exp(weight - before[-1])
        assert times[path] == pytest.approx(draws * chance, abs=5 * math.sqrt(draws * chance))
