"""The cache of word forms as the encoder uses it: bounded, keeps frequent forms, does not affect results."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.network.form_cache import FormCache
from nerture.core.network.network import Batch
from nerture.core.network.settings import ModelSettings

from .random_networks import network

WIDE = ModelSettings(width=160, depth=1, pieces=8, hidden=8)  # a cache of few forms
COLUMNS = 6


def forms(numbers):
    """A text of these forms, each with attributes of its own."""
    numbers = np.asarray(numbers, dtype=np.uint64)
    attributes = 1 + numbers[:, None] * np.uint64(COLUMNS) + np.arange(COLUMNS, dtype=np.uint64)
    return Batch(attributes, np.array([0, len(numbers)]))


def held(net, numbers):
    """How many of the forms are kept."""
    return sum(key in net.get_encoder().cache for key in forms(numbers).attributes)


@pytest.fixture(scope="module")
def capacity():
    return network(WIDE, matches=False).get_encoder().cache.capacity


def test_it_is_bounded_and_changes_no_byte(capacity):
    net, fresh = network(WIDE, matches=False), network(WIDE, matches=False)
    rng = np.random.default_rng(0)
    for _ in range(8):
        batch = forms(rng.integers(0, 2 * capacity, size=capacity))
        fresh.clear_cache()
        assert net.encode(batch).slots.tobytes() == fresh.encode(batch).slots.tobytes()
        assert 0 < len(net.get_encoder().cache) <= capacity
    assert len(net.get_encoder().cache) == capacity


def test_all_is_kept_while_there_is_room(capacity):
    net = network(WIDE, matches=False)
    net.encode(forms(range(capacity)))
    assert held(net, range(capacity)) == len(net.get_encoder().cache) == capacity
    assert held(net, range(capacity, 2 * capacity)) == 0


def test_forms_that_come_often_take_the_place_of_rare_ones(capacity):
    net = network(WIDE, matches=False)
    net.encode(forms(range(capacity)))
    often = range(capacity, capacity + 100)
    for _ in range(5):
        net.encode(forms(often))
    assert held(net, often) == 100
    assert len(net.get_encoder().cache) == capacity


def test_forms_that_come_once_displace_no_frequent_one(capacity):
    net = network(WIDE, matches=False)
    often = range(100)
    for start in range(1000, 1000 + 20 * capacity, capacity):
        net.encode(forms([*often, *range(start, start + capacity)]))
    assert held(net, often) == 100


def test_values_that_were_frequent_long_ago_are_evicted(capacity):
    net = network(WIDE, matches=False)
    for _ in range(20):
        net.encode(forms(range(capacity)))
    for _ in range(60):
        net.encode(forms(range(capacity, 2 * capacity)))
    assert held(net, range(capacity, 2 * capacity)) > 0.9 * capacity


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([700, 1000, 3000]), st.sampled_from([1.05, 1.3, None]))
def test_what_it_has_is_found_again(seed, count, skew):
    """Forms come and go; the index still leads to each that is kept, and to its own vector."""
    net, fresh = network(WIDE, matches=False), network(WIDE, matches=False)
    rng = np.random.default_rng(seed)
    for _ in range(8):
        drawn = rng.integers(0, count, size=600) if skew is None else rng.zipf(skew, size=600) % count
        batch = forms(drawn)
        fresh.clear_cache()
        assert net.encode(batch).slots.tobytes() == fresh.encode(batch).slots.tobytes()
        assert held(net, range(count)) == len(net.get_encoder().cache)


def test_threads_that_displace_each_others_forms_get_their_own(capacity):
    net, fresh = network(WIDE, matches=False), network(WIDE, matches=False)
    rng = np.random.default_rng(1)
    batches = [forms(rng.zipf(1.2, size=300) % (4 * capacity)) for _ in range(50)]
    expected = []
    for batch in batches:
        fresh.clear_cache()
        expected.append(fresh.encode(batch).slots.tobytes())
    with ThreadPoolExecutor(16) as pool:
        for _ in range(4):
            assert [found.slots.tobytes() for found in pool.map(net.encode, batches)] == expected


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_cache_of_nothing_is_refused(sizes):
    with pytest.raises(ValueError, match="expected 1 or more columns, bytes and values"):
        FormCache(*sizes)


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="key: expected 2 hashes, got 3"):
        assert np.zeros(3, dtype=np.uint64) not in FormCache(2, 1, 1)
