"""Every loop against plain numpy, every gradient against central differences along random directions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.network import layer_loops as kernels

quick = settings(max_examples=40, deadline=None, derandomize=True)  # no near-ties of maxout by bad luck
WIDTHS = st.sampled_from([1, 3, 5, 15, 16, 17, 33, 48])
lengths_of_texts = st.lists(st.integers(0, 4), min_size=1, max_size=4)
seeds = st.integers(0, 10_000)
STEP = 1e-6


def bounds_of(lengths):
    return np.cumsum([0, *lengths]).astype(np.int64)


def slope_along(function, point, direction):
    """The derivative of ``function`` (of one array) at ``point`` along ``direction``, numerically."""
    return (function(point + STEP * direction) - function(point - STEP * direction)) / (2 * STEP)


def agrees(gradient, function, point, rng):
    """Compare an analytic gradient with central differences along three directions."""
    for _ in range(3):
        direction = rng.normal(size=point.shape)
        expected = slope_along(function, point, direction)
        assert np.sum(gradient * direction) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def added(call, shape, rng):
    """Return what ``call`` adds to an array that already holds something."""
    before = rng.normal(size=shape)
    after = before.copy()
    call(after)
    return after - before


@quick
@given(seeds, st.integers(0, 6), WIDTHS, st.integers(1, 4))
def test_embed(seed, count, width, choices):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(5, width))
    rows = rng.integers(-1, 5, size=(count, choices)).astype(np.int32)
    wide = np.full((count, 2 * width), 7.0)
    kernels.embed_forward(table, rows, wide[:, width:])
    expected = [sum((table[row] for row in token if row >= 0), np.zeros(width)) for token in rows]
    np.testing.assert_allclose(wide[:, width:], np.reshape(expected, (count, width)), atol=1e-12)
    assert (wide[:, :width] == 7.0).all(), "only the view given is written"

    slopes = rng.normal(size=(count, 2 * width))
    expected_table = np.zeros_like(table)
    for token in range(count):
        for row in rows[token]:
            if row >= 0:
                expected_table[row] += slopes[token, width:]
    found = added(lambda out: kernels.embed_backward(slopes[:, width:], rows, out), table.shape, rng)
    np.testing.assert_allclose(found, expected_table, atol=1e-12)


def maxout_norm(pieces, bias, gain, shift):
    """Maxout and layer norm as the textbooks write them."""
    width = len(gain)
    best = (pieces + bias).reshape(len(pieces), len(bias) // width, width).max(axis=1)
    centred = best - best.mean(axis=1, keepdims=True)
    return gain * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) + shift


@quick
@given(seeds, st.integers(0, 5), WIDTHS, st.integers(2, 4))
def test_maxout_norm(seed, count, width, pieces):
    rng = np.random.default_rng(seed)
    arguments = [rng.normal(size=shape) for shape in ((count, pieces * width), pieces * width, width, width)]
    out, argmax, normed = np.empty((3, count, width))
    scale = np.empty(count)
    kernels.maxout_norm_forward(*arguments, out, argmax, normed, scale)
    np.testing.assert_allclose(out, maxout_norm(*arguments), atol=1e-9)

    slopes = rng.normal(size=(count, width))
    d_pieces = np.full((count, pieces * width), np.nan)
    before = [rng.normal(size=value.shape) for value in arguments[1:]]
    after = [value.copy() for value in before]
    kernels.maxout_norm_backward(slopes, argmax, normed, scale, arguments[2], d_pieces, *after)
    gradients = [d_pieces, *(new - old for new, old in zip(after, before, strict=True))]
    for place, gradient in enumerate(gradients):

        def value(point, place=place):
            moved = [*arguments[:place], point, *arguments[place + 1 :]]
            return np.sum(slopes * maxout_norm(*moved))

        if width > 1:  # the norm of a single number has a curvature that central differences do not see
            agrees(gradient, value, arguments[place], rng)


def test_the_first_piece_wins_a_tie():
    pieces = np.zeros((1, 6))
    out, argmax, normed = np.empty((3, 1, 2))
    kernels.maxout_norm_forward(
        pieces, np.zeros(6), np.ones(2), np.zeros(2), out, argmax, normed, np.empty(1)
    )
    assert argmax.tolist() == [[0, 0]]
    assert np.isfinite(out).all(), "a constant row has a finite norm"


def test_a_width_beyond_the_widest_setting_is_refused():
    wide = 1025
    arrays = [np.zeros((1, wide)) for _ in range(3)]
    with pytest.raises(ValueError, match="1025"):
        kernels.maxout_norm_backward(
            *arrays, np.zeros(1), np.zeros(wide), np.zeros((1, 2 * wide)),
            np.zeros(2 * wide), np.zeros(wide), np.zeros(wide),
        )  # fmt: skip


@quick
@given(seeds, st.integers(0, 8), WIDTHS)
def test_add_rows(seed, count, width):
    rng = np.random.default_rng(seed)
    rows, argmax = rng.normal(size=(count, width)), rng.integers(0, 3, size=count)
    expected = np.zeros((3, width))
    np.add.at(expected, argmax, rows)
    found = added(lambda out: kernels.add_rows(rows, argmax, out), (3, width), rng)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def slots_of(rng, lengths, hidden):
    bounds = bounds_of(lengths)
    return bounds, rng.normal(size=(bounds[-1], 3, 2, hidden)), rng.normal(size=(2, 2, hidden))


def closed_hidden(slots, absent, bounds):
    """The hidden layer of closed states, token by token."""
    out = np.empty((len(slots), slots.shape[-1]))
    for begin, end in pairwise(bounds):
        for token in range(begin, end):
            before = slots[token - 1, 2] if token > begin else absent[1]
            out[token] = (slots[token, 0] + absent[0] + before).max(axis=0)
    return out


@quick
@given(seeds, lengths_of_texts, WIDTHS)
def test_closed_hidden(seed, lengths, hidden):
    rng = np.random.default_rng(seed)
    bounds, slots, absent = slots_of(rng, lengths, hidden)
    flat, flat_absent = slots.reshape(-1, 6 * hidden), absent.reshape(2, -1)
    out, argmax = np.empty((2, len(slots), hidden))
    kernels.closed_hidden_forward(flat, flat_absent, bounds, out, argmax)
    np.testing.assert_allclose(out, closed_hidden(slots, absent, bounds), atol=1e-12)

    slopes = rng.normal(size=out.shape)
    d_slots, d_absent = np.zeros_like(flat), np.zeros_like(flat_absent)
    kernels.closed_hidden_backward(slopes, argmax, bounds, d_slots, d_absent)
    agrees(
        d_slots.reshape(slots.shape), lambda x: np.sum(slopes * closed_hidden(x, absent, bounds)), slots, rng
    )
    agrees(
        d_absent.reshape(absent.shape),
        lambda x: np.sum(slopes * closed_hidden(slots, x, bounds)),
        absent,
        rng,
    )


def open_hidden(slots, bounds, lengths):
    """The hidden layer of open states; row (token, k) is 0 where k+1 tokens back lies before the text."""
    out = np.zeros((len(slots), lengths, slots.shape[-1]))
    for begin, end in pairwise(bounds):
        for token in range(begin, end):
            for back in range(1, min(lengths, token - begin) + 1):
                total = slots[token, 0] + slots[token - back, 1] + slots[token - 1, 2]
                out[token, back - 1] = total.max(axis=0)
    return out


@quick
@given(seeds, lengths_of_texts, WIDTHS, st.integers(0, 5))
def test_open_hidden(seed, text_lengths, hidden, lengths):
    rng = np.random.default_rng(seed)
    bounds, slots, _ = slots_of(rng, text_lengths, hidden)
    flat = slots.reshape(-1, 6 * hidden)
    expected = open_hidden(slots, bounds, lengths)
    rows = np.flatnonzero(expected.reshape(-1, hidden).any(axis=1))
    rows = rows[rng.random(len(rows)) < 0.7]
    out, argmax = np.full((2, len(rows), hidden), np.nan)
    kernels.open_hidden_forward(flat, rows, lengths, out, argmax)
    np.testing.assert_allclose(out, expected.reshape(-1, hidden)[rows], atol=1e-12)

    slopes = rng.normal(size=out.shape)
    d_slots = np.zeros_like(flat)
    kernels.open_hidden_backward(slopes, argmax, rows, lengths, d_slots)

    def value(point):
        return np.sum(slopes * open_hidden(point, bounds, lengths).reshape(-1, hidden)[rows])

    agrees(d_slots.reshape(slots.shape), value, slots, rng)


@pytest.mark.parametrize("width", [1, 3, 16, 33])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_zeroes_a_share_and_scales_the_rest(rate, width):
    values = np.ones((20_000 // width, width))
    kernels.dropout(values, rate, 5)
    kept = values[values != 0]
    assert 1 - len(kept) / values.size == pytest.approx(rate, abs=0.015)
    assert kept == pytest.approx(1 / (1 - rate), rel=1e-4)
    masked = np.full_like(values, 3.0)
    kernels.dropout(masked, rate, 5)
    np.testing.assert_allclose(masked, 3 * values, err_msg="the same call masks a gradient")
    other = np.ones_like(values)
    kernels.dropout(other, rate, 6)
    assert not np.array_equal(values, other)


def test_dropout_of_nothing_changes_nothing():
    values = np.arange(12.0).reshape(3, 4)
    kernels.dropout(values, 0.0, 1)
    np.testing.assert_array_equal(values, np.arange(12.0).reshape(3, 4))


@pytest.mark.parametrize("shift", [1, 2, 3, 4, 8, 1009])
def test_masks_of_neighbouring_seeds_have_nothing_to_do_with_each_other(shift):
    """Layers, and steps, count on from one seed: their masks must not be shifted copies."""
    masks = []
    for seed in (1_000_000, 1_000_000 + shift):
        values = np.ones((100, 96))
        kernels.dropout(values, 0.5, seed)
        masks.append((values != 0).ravel())
    for offset in range(0, 1200):
        same = np.mean(masks[0][offset:] == masks[1][: len(masks[1]) - offset])
        assert same < 0.6, f"shifted by {offset}, {same:.0%} are the same"


def test_float32_gives_what_float64_gives():
    rng = np.random.default_rng(0)
    arguments = [rng.normal(size=shape) for shape in ((4, 60), 60, 20, 20)]
    outs = []
    for dtype in (np.float32, np.float64):
        out, argmax, normed = np.empty((3, 4, 20), dtype=dtype)
        kernels.maxout_norm_forward(
            *(value.astype(dtype) for value in arguments), out, argmax, normed, np.empty(4, dtype=dtype)
        )
        outs.append(out)
    np.testing.assert_allclose(*outs, atol=1e-5)
