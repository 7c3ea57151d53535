"""The beam: exact if everything fits in, greedy if it has width 1, never better than the best."""

from __future__ import annotations

import numpy as np
import pytest

from nerture.core.lattice.beam_search import beam_search
from nerture.core.lattice.forward_backward import log_probabilities

from ...support.all_derivations import enumerate_all

SHAPES = [(0, 2, 1), (1, 1, 1), (2, 3, 2), (3, 2, 2), (4, 3, 1)]


def beam(closed, open_, width):
    found = beam_search(*log_probabilities(closed, open_), width)
    assert all(one.opened is None for one in found), "at the end nothing is open"
    return [(one.spans, one.log_probability) for one in found]


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
def test_a_beam_of_all_derivations_finds_all_of_them_best_first(random_scores, length, longest, labels):
    closed, open_ = random_scores(length, longest, labels)
    everything = sorted(enumerate_all(closed, open_, range(labels)), key=lambda found: -found[1])
    found = beam(closed, open_, 10 * len(everything) + 10)
    assert [spans for spans, _ in found] == [spans for spans, _, _ in everything]
    assert [weight for _, weight in found] == pytest.approx([weight for _, weight, _ in everything])


@pytest.mark.parametrize("seed", range(20))
def test_a_beam_of_one_takes_the_likeliest_action_each_time(random_scores, seed):
    closed, open_ = random_scores(5, 3, 2, seed)
    log_closed, log_open = log_probabilities(closed, open_)
    spans, opened, total = [], None, 0.0
    for token in range(5):
        if opened is None:
            column = int(log_closed[token].argmax())
            total += log_closed[token, column]
            if 1 <= column <= 2:
                opened = (token, column - 1)
            elif column > 2:
                spans.append((token, token + 1, column - 3))
        else:
            start, label = opened
            inside, last = log_open[token, token - start - 1, [label, 2 + label]]
            total += max(inside, last)
            if last >= inside:
                spans.append((start, token + 1, label))
                opened = None
    assert beam(closed, open_, 1) == [(tuple(spans), pytest.approx(total))]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_what_a_beam_finds_has_its_own_probability_and_none_beats_the_best(random_scores, width):
    for seed in range(20):
        closed, open_ = random_scores(4, 3, 2, seed)
        weights = {spans: weight for spans, weight, _ in enumerate_all(closed, open_, range(2))}
        found = beam(closed, open_, width)
        assert 1 <= len(found) <= width
        assert [weight for _, weight in found] == pytest.approx([weights[spans] for spans, _ in found])
        assert [weight for _, weight in found] == sorted((weight for _, weight in found), reverse=True)
        assert found[0][1] <= max(weights.values()) + 1e-9


def test_the_empty_text_has_one_derivation():
    assert beam(np.zeros((0, 3)), np.zeros((0, 1, 2)), 4) == [((), 0.0)]
