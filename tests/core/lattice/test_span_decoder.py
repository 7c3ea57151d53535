"""Probable spans against the sum over all derivations, from the scores of all states in training."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.lattice.span_decoder import probable_spans

from ...support.all_derivations import enumerate_all
from .test_greedy_decoder import batch_of, network

PROBLEMS = st.tuples(
    st.lists(st.integers(0, 4), min_size=1, max_size=3),  # lengths of texts
    st.integers(1, 2),  # labels
    st.integers(1, 4),  # tokens of an entity at most
    st.integers(0, 10_000),
)


def decode(lengths, labels, longest, seed, least, **options):
    """The spans that are found, (text, start, end, label) to probability; what each text lost; the truth."""
    net, batch = network(labels, seed), batch_of(lengths, seed)
    encoded = net.encode(batch)
    rows, masses, lost, nothing_open = probable_spans(
        encoded.closed, encoded.slots, net.weights["open.weight"], net.weights["open.bias"],
        batch.bounds, longest, least, **options,
    )  # fmt: skip
    found = dict(zip(map(tuple, rows.tolist()), masses.tolist(), strict=True))
    assert len(found) == len(rows), "none is returned twice"
    closed, open_, _, _ = net.scores(batch, longest)
    return found, lost, nothing_open, true_spans(closed, open_, batch.bounds, options.get("temperature", 1.0))


def true_spans(closed, open_, bounds, temperature):
    """The probability of each span of each text, and of each token that it begins with nothing open."""
    labels = (closed.shape[1] - 1) // 2
    probabilities, free = defaultdict(float), np.zeros(len(closed))
    for text, (begin, end) in enumerate(pairwise(bounds.tolist())):
        scores = closed[begin:end] / temperature, open_[begin:end] / temperature
        for spans, weight, _ in enumerate_all(*scores, range(labels)):
            inside = {token for start, stop, _ in spans for token in range(start + 1, stop)}
            for token in set(range(end - begin)) - inside:
                free[begin + token] += math.exp(weight)
            for start, stop, label in spans:
                probabilities[text, start, stop, label] += math.exp(weight)
    return probabilities, free


@given(PROBLEMS, st.sampled_from([0.5, 1.0, 2.0]))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_without_a_budget_every_span_has_its_exact_probability(problem, temperature):
    found, lost, nothing_open, (wanted, free) = decode(
        *problem, least=0.0, budget=0.0, temperature=temperature
    )
    assert found == pytest.approx(dict(wanted))
    np.testing.assert_allclose(nothing_open, free)
    assert not lost.any()


@given(PROBLEMS, st.sampled_from([0.01, 0.1, 0.4]), st.sampled_from([1e-3, 0.05, 0.3]))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_a_probability_is_missed_by_no_more_than_its_text_lost(problem, least, budget):
    found, lost, _, (wanted, _) = decode(*problem, least=least, budget=budget)
    assert all(share <= budget for share in lost)
    for span, probability in wanted.items():
        returned = found.get(span, 0.0)
        assert returned <= probability + 1e-9
        assert probability - returned <= lost[span[0]] + 1e-9 or returned == 0.0
        if probability - lost[span[0]] >= least + 1e-9:
            assert span in found
    assert all(probability >= least for probability in found.values())


def test_requested_spans_are_returned_whatever_their_probability():
    lengths, labels = [4], 2
    requested = np.zeros((4, labels), dtype=np.int32)
    requested[1, 0] = 3
    found, _, _, (wanted, _) = decode(lengths, labels, 3, 7, least=2.0, requested=requested)
    assert found == pytest.approx({span: wanted[span] for span in [(0, 1, 2, 0), (0, 1, 3, 0)]})


def test_requests_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="requested"):
        decode([2], 1, 2, 0, least=0.5, requested=np.zeros((3, 1), dtype=np.int32))
