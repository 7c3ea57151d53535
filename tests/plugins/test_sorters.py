"""Each sorter against the plainest code that does the same."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.errors import ConfigError
from nerture.interfaces import Candidate
from nerture.plugins import sorters
from nerture.testing import make_part

SHARES = st.floats(0, 1)


@st.composite
def candidates(draw):
    rows = draw(st.lists(st.tuples(SHARES, st.floats(0, 5), st.floats(0.5, 60)), max_size=30))
    return [
        Candidate("span", "model", probability, gain, gain, seconds, "", place)
        for place, (probability, gain, seconds) in enumerate(rows)
    ]


def make(name, **options):
    return make_part(sorters, "sorter", name, options)


def selection_sort(values):
    """Indices from the greatest value to the least; of equal ones, the first comes first."""
    left, order = list(range(len(values))), []
    while left:
        best = left[0]
        for index in left:
            if values[index] > values[best]:
                best = index
        left.remove(best)
        order.append(best)
    return order


@given(candidates(), st.integers(0, 99))
@settings(deadline=None)
def test_uncertain_goes_by_gain_a_second(items, seed):
    assert list(make("uncertain")(items, seed)) == selection_sort([c.gain / c.seconds for c in items])


@given(candidates(), st.integers(0, 99))
@settings(deadline=None)
def test_high_and_low_go_by_probability(items, seed):
    assert list(make("high")(items, seed)) == selection_sort([c.probability for c in items])
    assert list(make("low")(items, seed)) == selection_sort([-c.probability for c in items])


def test_random_gives_each_place_to_each_candidate_as_often():
    items = [Candidate("span", "model", 0.5, 1, 1, 1, "", place) for place in range(4)]
    counts = np.zeros((4, 4))
    for seed in range(2000):
        for place, index in enumerate(make("random")(items, seed)):
            counts[place, index] += 1
    assert (abs(counts - 500) < 5 * math.sqrt(2000 * 0.25 * 0.75)).all()


@pytest.mark.parametrize(
    ("probability", "share"), [(0.5, 1.0), (0.25, 0.5), (0.9, 0.2), (1.0, 0.1), (0.0, 0.1)]
)
def test_probability_draws_each_candidate_with_its_merit(probability, share):
    items = [Candidate("span", "model", probability, 1, 1, 1, "", place) for place in range(4000)]
    order = make("probability", least=0.1)(items, 7)
    assert order == sorted(order)
    assert abs(len(order) - 4000 * share) <= 5 * math.sqrt(4000 * share * (1 - share))


def test_a_chance_is_a_share():
    with pytest.raises(ConfigError, match="least"):
        make("probability", least=1.5)


@given(candidates(), st.sampled_from([0.0, 0.5, 0.9]), st.sampled_from([0.0, 1.0, 2.0]))
@settings(deadline=None)
def test_the_moving_average_is_a_weighted_mean_of_all_that_went_before(items, keep, deviations):
    """Weights are written out here: 0 stands before the first one, each newer one weighs 1 - keep."""
    merits = [1 - 2 * abs(c.probability - 0.5) for c in items]
    expected = []
    unclear = set()
    for index, value in enumerate(merits):
        past = [0.0, *merits[:index]]
        weights = [keep**index, *((1 - keep) * keep ** (index - 1 - age) for age in range(index))]
        mean = math.fsum(w * m for w, m in zip(weights, past, strict=True))
        spread = math.sqrt(math.fsum(w * (m - mean) ** 2 for w, m in zip(weights, past, strict=True)))
        if abs(value - mean - deviations * spread) < 1e-7:
            unclear.add(index)
        elif value > mean + deviations * spread:
            expected.append(index)
    found = make("moving_average", keep=keep, deviations=deviations)(items, 0)
    assert [index for index in found if index not in unclear] == expected


def test_the_moving_average_lets_pass_what_stands_out():
    dull = [0.02, 0.97, 0.05] * 20
    items = [Candidate("span", "model", p, 1, 1, 1, "", i) for i, p in enumerate([*dull, 0.5, *dull])]
    order = make("moving_average")(items, 0)
    assert len(dull) in order
    assert len(order) < len(items) / 2
    assert statistics.fmean(items[i].probability for i in order) > 0
