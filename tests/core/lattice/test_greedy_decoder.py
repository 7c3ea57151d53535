"""The greedy decoder against a plain one that reads the scores of all states, as training sees them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.lattice.greedy_decoder import decode_greedily
from nerture.core.network.network import Batch, Network, initialise, shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings

SMALL = ModelSettings(width=8, depth=1, pieces=2, hidden=8)


def network(labels, seed):
    """A network whose every weight is random, the output's too, in float64."""
    weights = Parameters(shapes(SMALL, labels, False), np.float64)
    initialise(weights, seed)
    rng = np.random.default_rng(seed)
    for name in weights:
        if name.startswith(("closed", "open", "slots.absent")):
            weights[name] = rng.normal(size=weights.shapes[name])
        if name.startswith("open.bias"):
            weights[name][:labels] += 1  # longer entities
    return Network(SMALL, labels, weights, False)


def batch_of(lengths, seed):
    rng = np.random.default_rng(seed)
    attributes = rng.integers(1, 40, size=(sum(lengths), 11)).astype(np.uint64)
    return Batch(attributes, np.cumsum([0, *lengths]).astype(np.int64))


def naive(closed, open_, bounds, longest):
    """Follow each text from state to state, with the valid actions as the transition table has them."""
    labels = (closed.shape[1] - 1) // 2
    found = []
    for text, (begin, end) in enumerate(pairwise(bounds)):
        start, label = None, 0
        for token in range(begin, end):
            last_token = token + 1 == end
            if start is None:
                scores = closed[token].copy()
                if last_token or longest == 1:
                    scores[1 : labels + 1] = -np.inf
                action = int(np.argmax(scores))
                if 1 <= action <= labels:
                    start, label = token, action - 1
                elif action > labels:
                    found.append([text, token - begin, token + 1 - begin, action - labels - 1])
            else:
                row = open_[token, token - start - 1]
                long_enough = token + 1 - start == longest
                if last_token or long_enough or row[labels + label] >= row[label]:
                    found.append([text, start - begin, token + 1 - begin, label])
                    start = None
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=4),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(0, 10_000),
)
def test_greedy_follows_the_scores_of_training(lengths, labels, longest, seed):
    net, batch = network(labels, seed), batch_of(lengths, seed)
    closed, open_, _, _ = net.scores(batch, longest)
    encoded = net.encode(batch)
    np.testing.assert_allclose(encoded.closed, closed)
    found = decode_greedily(
        encoded.closed, encoded.slots, net.weights["open.weight"], net.weights["open.bias"],
        batch.bounds, longest,
    )  # fmt: skip
    assert found.tolist() == naive(closed, open_, batch.bounds, longest)
    for text, length in enumerate(lengths):
        end = 0
        for _, start, stop, label in found[found[:, 0] == text].tolist():
            assert end <= start < stop <= length, "spans do not overlap and stay within their text"
            assert stop - start <= longest
            assert 0 <= label < labels
            end = stop


def test_longer_entities_are_found_at_all():
    """Guards the test above: its random networks must visit open states of every length."""
    lengths = set()
    for seed in range(20):
        net, batch = network(2, seed), batch_of([200], seed)
        encoded = net.encode(batch)
        found = decode_greedily(
            encoded.closed, encoded.slots, net.weights["open.weight"], net.weights["open.bias"],
            batch.bounds, 5,
        )  # fmt: skip
        lengths.update((found[:, 2] - found[:, 1]).tolist())
    assert lengths == {1, 2, 3, 4, 5}


def test_no_text_no_spans():
    found = decode_greedily(
        np.zeros((0, 3)), np.zeros((0, 12)), np.zeros((2, 2)), np.zeros(2), np.array([0, 0, 0]), 3
    )
    assert found.shape == (0, 4)
