"""Costs against all derivations of short texts; imitation against the same loop in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.lattice.dynamic_oracle import action_costs, imitate, span_costs

quick = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def problems(draw):
    """A text's length, the longest entity, and what is known: complete, spans, rejected, outside."""
    length, longest, labels = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 2))
    span = st.tuples(st.integers(0, length - 1), st.integers(1, longest), st.integers(0, labels - 1)).map(
        lambda item: (item[0], min(item[0] + item[1], length), item[2])
    )
    known = []
    for item in draw(st.lists(span, max_size=3)):
        if all(item[1] <= other[0] or other[1] <= item[0] for other in known):
            known.append(item)
    complete = draw(st.lists(st.booleans(), min_size=labels, max_size=labels))
    rejected = [item for item in draw(st.lists(span, max_size=3)) if item not in known]
    outside = draw(st.lists(st.integers(0, length - 1), max_size=2))
    return length, longest, complete, known, rejected, outside


def span_sets(start, length, longest, labels):
    """All sets of spans, none overlapping, of the tokens from ``start`` on."""
    if start >= length:
        yield ()
        return
    for rest in span_sets(start + 1, length, longest, labels):
        yield rest
    for end in range(start + 1, min(start + longest, length) + 1):
        for label in range(labels):
            for rest in span_sets(end, length, longest, labels):
                yield ((start, end, label), *rest)


def derivations(state, length, longest, labels):
    """All ends of derivations from a state, each as the spans that it adds."""
    token, back, label = state
    if back == 0:
        yield from span_sets(token, length, longest, labels)
        return
    start = token - back
    for end in range(token + 1, min(start + longest, length) + 1):
        for rest in span_sets(end, length, longest, labels):
            yield ((start, end, label), *rest)


def lost(spans, problem):
    """Known spans that are missed, and spans that are known to be wrong."""
    _, _, complete, known, rejected, outside = problem
    missed = sum(span not in spans for span in known)
    wrong = 0
    for span in spans:
        if span not in known:
            covers = any(span[0] <= token < span[1] for token in outside)
            wrong += complete[span[2]] or span in rejected or covers
    return missed + wrong


def first_action(spans, state, labels):
    """The column of the action that continues a derivation."""
    token, back, _ = state
    if back:
        return 1 if spans[0][1] == token + 1 else 0
    for start, end, label in spans:
        if start == token:
            return 1 + label if end > token + 1 else 1 + labels + label
    return 0


def naive_costs(state, problem):
    length, longest, complete, *_ = problem
    labels = len(complete)
    best = {}
    for spans in derivations(state, length, longest, labels):
        action = first_action(spans, state, labels)
        best[action] = min(best.get(action, math.inf), lost(spans, problem))
    least = min(best.values())
    return {action: value - least for action, value in best.items()}


def states(length, longest, labels):
    for token in range(length):
        yield token, 0, 0
        for back in range(1, min(token, longest - 1) + 1):
            for label in range(labels):
                yield token, back, label


@quick
@given(problems())
def test_costs_are_what_all_derivations_say(problem):
    """Every valid action is listed with its cost, none that cannot reach the end; some cost nothing."""
    length, longest, complete, *_ = problem
    costs = span_costs(*problem)
    for state in states(length, longest, len(complete)):
        assert action_costs(costs, *state) == naive_costs(state, problem), state


def test_costs_of_a_full_annotation_by_hand():
    """Three tokens, entities of up to three, one label, the entity [0, 2): columns O, B, U or I, L."""
    costs = span_costs(3, 3, [True], [(0, 2, 0)], [], [])
    assert action_costs(costs, 0, 0, 0) == {0: 1, 1: 0, 2: 2}  # U: the entity is missed, and one is made up
    assert action_costs(costs, 1, 1, 0) == {0: 2, 1: 0}
    assert action_costs(costs, 2, 2, 0) == {1: 0}  # the text ends: only L is left
    assert action_costs(costs, 2, 0, 0) == {0: 0, 2: 1}  # B would not reach the end


def test_what_is_unknown_costs_nothing():
    costs = span_costs(2, 2, [False], [], [], [])
    assert action_costs(costs, 0, 0, 0) == {0: 0, 1: 0, 2: 0}


def mix64(value):
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
    return value ^ (value >> 31)


def explores(seed, token, share):
    key = mix64((mix64(seed) * 0x9DDFEA08EB382D69 + 3) % 2**64)
    return mix64((key + token) % 2**64) >> 32 < share * 2**32


def naive_imitate(closed, open_, problem, explore, seed):
    """The loss of imitation, state by state, from the costs of all derivations."""
    length, _, complete, *_ = problem
    labels = len(complete)
    loss, state = 0.0, (0, 0, 0)
    for token in range(length):
        _, back, label = state
        costs = naive_costs(state, problem)
        row = closed[token] if back == 0 else open_[token, back - 1][[label, labels + label]]
        scores = {action: float(row[action]) for action in costs}
        good = {action: score for action, score in scores.items() if costs[action] == 0}
        top, top_good = max(scores.values()), max(good.values())
        mass = sum(math.exp(score - top) for score in scores.values())
        good_mass = sum(math.exp(score - top_good) for score in good.values())
        loss += math.log(mass) + top - math.log(good_mass) - top_good
        pool = scores if explores(seed, token, explore) else good
        action = max(sorted(pool), key=lambda action: pool[action])
        if back == 0:
            state = (token + 1, 1, action - 1) if 1 <= action <= labels else (token + 1, 0, 0)
        else:
            state = (token + 1, back + 1, label) if action == 0 else (token + 1, 0, 0)
    return loss


def scores_for(problem, rng, scale=2.0):
    length, longest, complete, *_ = problem
    labels = len(complete)
    return (
        rng.normal(size=(length, 2 * labels + 1)) * scale,
        rng.normal(size=(length, longest - 1, 2 * labels)) * scale,
    )


def imitated(closed, open_, problem, explore=0.0, seed=0, weight=1.0):
    d_closed, d_open = np.zeros_like(closed), np.zeros_like(open_)
    loss = imitate(closed, open_, span_costs(*problem), explore, seed, weight, d_closed, d_open)
    return loss, d_closed, d_open


@quick
@given(problems(), st.integers(0, 2**62), st.sampled_from([0.0, 0.5, 1.0]))
def test_imitation_is_the_naive_loop(problem, seed, explore):
    closed, open_ = scores_for(problem, np.random.default_rng(seed % 1000))
    loss, *_ = imitated(closed, open_, problem, explore, seed)
    assert loss == pytest.approx(naive_imitate(closed, open_, problem, explore, seed), abs=1e-9)


@quick
@given(problems(), st.integers(0, 1000))
def test_gradient_of_imitation(problem, seed):
    closed, open_ = scores_for(problem, np.random.default_rng(seed))
    _, *gradients = imitated(closed, open_, problem, weight=0.7)
    for place, gradient in enumerate(gradients):
        for index in np.ndindex(gradient.shape):
            moved = []
            for step in (1e-6, -1e-6):
                arrays = [closed.copy(), open_.copy()]
                arrays[place][index] += step
                moved.append(imitated(*arrays, problem, weight=0.7)[0])
            assert gradient[index] == pytest.approx((moved[0] - moved[1]) / 2e-6, abs=1e-6)


@quick
@given(problems(), st.integers(0, 1000), st.sampled_from([np.float32, np.float64]))
def test_imitation_stays_finite_at_the_edge(problem, seed, dtype):
    rng = np.random.default_rng(seed)
    closed, open_ = (
        rng.choice([-1e4, 0.0, 1e4], size=x.shape).astype(dtype) for x in scores_for(problem, rng)
    )
    loss, d_closed, d_open = imitated(closed, open_, problem, 0.5, seed)
    assert math.isfinite(loss)
    assert loss >= -1e-9
    for gradient in (d_closed, d_open):
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).max(initial=0) <= 1 + 1e-6


def test_a_text_without_tokens_costs_nothing():
    loss, *_ = imitated(np.zeros((0, 3)), np.zeros((0, 2, 2)), (0, 3, [True], [], [], []))
    assert loss == 0


def test_texts_of_a_batch_explore_on_their_own():
    """Texts count on from one seed: their explored tokens must not be shifted copies of each other's."""
    draws = [[explores(seed, token, 0.5) for token in range(400)] for seed in (77, 78)]
    for shift in range(5):
        same = np.mean([a == b for a, b in zip(draws[0][shift:], draws[1], strict=False)])
        assert 0.35 < same < 0.65
