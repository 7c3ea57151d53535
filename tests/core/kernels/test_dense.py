"""The float32 kernels of every instruction set of this machine, against numpy in float64."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from nerture.core.errors import SettingError
from nerture.core.kernels.dense import DENSE, Dense
from nerture.core.network import layer_loops as kernels

from ...support.instruction_sets import SUPPORTED

every_isa = pytest.mark.parametrize("dense", SUPPORTED, ids=[dense.name for dense in SUPPORTED])
quick = settings(max_examples=60, deadline=None)
seeds = st.integers(0, 10_000)
ROWS = st.sampled_from([0, 1, 2, 3, 7, 8, 9, 15, 63, 64, 65, 130])
INPUTS = st.sampled_from([1, 2, 5, 24, 57, 96])
COLUMNS = st.sampled_from([1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 97])
PIECES = st.integers(2, 8)
UNIT = 2.0**-24  # half the distance of float32 numbers near 1


def floats(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def bound_of(left, right):
    """How far a sum of products in float32, in any order, may be from the exact one (Higham 2002, 3.1)."""
    terms = left.shape[1] + 2
    return terms * UNIT / (1 - terms * UNIT) * (np.abs(left) @ np.abs(right)) + 1e-30


@every_isa
@quick
@given(seeds, ROWS, INPUTS, COLUMNS, st.booleans(), st.booleans())
def test_product(dense, seed, rows, inputs, columns, biased, add):
    rng = np.random.default_rng(seed)
    left, right, bias = floats(rng, rows, inputs), floats(rng, inputs, columns), floats(rng, columns)
    wide = np.full((rows, columns + 5), 7, dtype=np.float32)
    out = wide[:, 2 : columns + 2]
    dense.product(left, dense.pack(right), out, bias if biased else None, add)
    exact = left.astype(np.float64) @ right + biased * bias + 7 * add
    assert (np.abs(out - exact) <= 2 * bound_of(left, right) + 3 * UNIT * (np.abs(exact) + 9)).all()
    assert (wide[:, :2] == 7).all(), "nothing outside the result is written"
    assert (wide[:, columns + 2 :] == 7).all(), "nothing outside the result is written"


@every_isa
@quick
@given(seeds, ROWS, INPUTS, COLUMNS)
def test_product_of_transposed_matrices(dense, seed, rows, inputs, columns):
    rng = np.random.default_rng(seed)
    left, right = floats(rng, inputs, rows).T, floats(rng, columns, inputs).T
    out = np.empty((rows, columns), dtype=np.float32)
    dense.product(left, dense.pack(right), out)
    assert (np.abs(out - left.astype(np.float64) @ right) <= bound_of(left, right)).all()


@every_isa
def test_overlapping_rows_are_a_window(dense):
    rng = np.random.default_rng(0)
    vectors, right = floats(rng, 40, 19), floats(rng, 57, 30)
    step = vectors.itemsize
    window = np.lib.stride_tricks.as_strided(vectors, (38, 57), (19 * step, step))
    out, expected = np.empty((2, 38, 30), dtype=np.float32)
    dense.product(window, dense.pack(right), out)
    dense.product(np.hstack([vectors[:-2], vectors[1:-1], vectors[2:]]), dense.pack(right), expected)
    np.testing.assert_array_equal(out, expected)


def maxout_norm(left, right, bias, gain, shift):
    """Maxout and layer norm as the textbooks write them, in float64; the layer's choices too."""
    every = (left.astype(np.float64) @ right + bias).reshape(len(left), len(bias) // len(gain), len(gain))
    best = every.max(axis=1)
    centred = best - best.mean(axis=1, keepdims=True)
    normed = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    return gain * normed + shift, every, normed


def layer(rng, rows, inputs, width, pieces):
    left, right = floats(rng, rows, inputs), floats(rng, inputs, pieces * width)
    return left, right, floats(rng, pieces * width), floats(rng, width), floats(rng, width)


@every_isa
@quick
@given(seeds, ROWS, INPUTS, st.sampled_from([1, 3, 8, 15, 16, 17, 33, 40, 96]), PIECES, st.booleans())
def test_maxout_norm(dense, seed, rows, inputs, width, pieces, with_residual):
    rng = np.random.default_rng(seed)
    left, right, bias, gain, shift = layer(rng, rows, inputs, width, pieces)
    residual = floats(rng, rows, width) if with_residual else None
    out, argmax, normed = np.empty((3, rows, width), dtype=np.float32)
    scale = np.empty(rows, dtype=np.float32)
    panels = dense.pack(right, pieces)
    dense.maxout_norm(left, panels, bias, gain, shift, out, residual, argmax, normed, scale)
    exact, every, exact_normed = maxout_norm(left, right, bias, gain, shift)
    exact += 0 if residual is None else residual
    # an error e of the inputs of a layer norm becomes one of about e / deviation
    error = 1e-4 * (1 + 1 / np.maximum(1e-3, every.max(axis=1).std(axis=1, keepdims=True)))
    assert (np.abs(normed - exact_normed) <= error).all()
    assert (np.abs(out - exact) <= error * (1 + np.abs(gain))).all()
    chosen = np.take_along_axis(every, argmax.astype(np.int64)[:, None, :], axis=1)[:, 0]
    np.testing.assert_allclose(chosen, every.max(axis=1), atol=1e-4)

    again = np.empty_like(out)
    dense.maxout_norm(left, panels, bias, gain, shift, again, residual)
    np.testing.assert_array_equal(again, out, err_msg="what is kept for the way back changes nothing")


@every_isa
@quick
@given(seeds, ROWS, st.sampled_from([2, 3, 8, 15, 16, 17, 33, 96]), PIECES)
def test_the_backward_pass_of_maxout_norm(dense, seed, rows, width, pieces):
    """The layer's Jacobian as the textbooks write it, in float64."""
    rng = np.random.default_rng(seed)
    best = rng.normal(size=(rows, width))
    centred = best - best.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt((centred**2).mean(axis=1) + 1e-5)
    normed = centred * scale[:, None]
    argmax = rng.integers(0, pieces, size=(rows, width))
    gain, slopes = rng.normal(size=width), rng.normal(size=(rows, width))
    d_normed = slopes * gain
    d_best = np.zeros((rows, width))
    for row in range(rows):
        outer = np.outer(normed[row], normed[row])
        jacobian = scale[row] * (np.eye(width) - np.full((width, width), 1 / width) - outer / width)
        d_best[row] = jacobian @ d_normed[row]
    d_every = np.zeros((rows, pieces, width))
    np.put_along_axis(d_every, argmax[:, None, :], d_best[:, None, :], axis=1)
    expected = [d_every.sum(axis=0).ravel(), (slopes * normed).sum(axis=0), slopes.sum(axis=0)]

    d_pieces = np.full((rows, pieces * width), np.nan, dtype=np.float32)
    totals = [np.ones(size, dtype=np.float32) for size in (pieces * width, width, width)]
    singles = [value.astype(np.float32) for value in (slopes, argmax, normed, scale, gain)]
    dense.maxout_norm_back(*singles, d_pieces, *totals)
    size = 1 + np.abs(scale).max(initial=0)
    np.testing.assert_allclose(d_pieces, d_every.reshape(d_pieces.shape), atol=1e-4 * size)
    for total, value in zip(totals, expected, strict=True):
        np.testing.assert_allclose(total, value + 1, atol=1e-3 * size)


@every_isa
@quick
@given(
    seeds,
    st.sampled_from([0, 1, 2, 3, 63, 64, 65, 130]),
    st.sampled_from([1, 2, 5, 16, 24, 57, 96, 150, 161]),
    st.sampled_from([1, 3, 8, 16, 17, 96]),
    PIECES,
    st.booleans(),
)
def test_the_product_of_chosen_pieces_has_the_bytes_of_the_product(
    dense, seed, rows, inputs, width, pieces, windows
):
    rng = np.random.default_rng(seed)
    left = floats(rng, rows, inputs)
    if windows:  # rows that overlap
        left = as_strided(floats(rng, rows + 2, inputs), (rows, 3 * inputs), (4 * inputs, 4), writeable=False)
    argmax = rng.integers(0, pieces, size=(rows, width)).astype(np.float32)
    right = np.zeros((rows, pieces, width), dtype=np.float32)
    values = floats(rng, rows, width) * (rng.random((rows, width)) < 0.9)
    np.put_along_axis(right, argmax[:, None, :].astype(np.int64), values[:, None, :], axis=1)
    right = right.reshape(rows, pieces * width)
    found = floats(rng, left.shape[1], pieces * width)
    expected = found.copy()
    dense.add_chosen_product(left, right, argmax, found)
    dense.product(left.T, dense.pack(right), expected, add=True)
    assert found.tobytes() == expected.tobytes()


@every_isa
@quick
@given(seeds, st.integers(2, 9), st.sampled_from([1, 7, 8, 15, 16, 17, 33, 64]))
def test_the_hidden_layer_of_open_states(dense, seed, tokens, hidden):
    rng = np.random.default_rng(seed)
    slots = floats(rng, tokens, 6 * hidden)
    rows = np.array([token * 3 + back for token in range(tokens) for back in range(3) if back < token])
    out, argmax = np.empty((2, len(rows), hidden), dtype=np.float32)
    dense.open_hidden(slots, rows, 3, out, argmax)
    expected, choice = np.empty((2, len(rows), hidden))
    kernels.open_hidden_forward(slots.astype(np.float64), rows, 3, expected, choice)
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(argmax, choice)


def every_kernel(dense, rng, rows, inputs, width, pieces):
    """Return what the kernels make of each row, side by side."""
    left, right, bias, gain, shift = layer(rng, rows, inputs, width, pieces)
    plain = np.empty((rows, pieces * width), dtype=np.float32)
    dense.product(left, dense.pack(right), plain, bias)
    out, argmax, normed = np.empty((3, rows, width), dtype=np.float32)
    scale = np.empty(rows, dtype=np.float32)
    panels = dense.pack(right, pieces)
    dense.maxout_norm(left, panels, bias, gain, shift, out, None, argmax, normed, scale)
    d_pieces = np.empty_like(plain)
    totals = [np.zeros(size, dtype=np.float32) for size in (pieces * width, width, width)]
    dense.maxout_norm_back(out, argmax, normed, scale, gain, d_pieces, *totals)
    return left, panels, (bias, gain, shift), np.hstack([plain, out, d_pieces])


@every_isa
@quick
@given(seeds, st.integers(1, 70), INPUTS, st.sampled_from([3, 16, 24, 33, 96]), PIECES, st.data())
def test_a_row_does_not_depend_on_its_neighbours(dense, seed, rows, inputs, width, pieces, data):
    rng = np.random.default_rng(seed)
    left, panels, rest, together = every_kernel(dense, rng, rows, inputs, width, pieces)
    begin = data.draw(st.integers(0, rows - 1))
    end = data.draw(st.integers(begin + 1, rows))
    out = np.empty((end - begin, width), dtype=np.float32)
    dense.maxout_norm(left[begin:end], panels, *rest, out)
    place = slice(pieces * width, (pieces + 1) * width)
    np.testing.assert_array_equal(out, together[begin:end, place])


@every_isa
@pytest.mark.parametrize("columns", [3, 24, 50, 384])
def test_a_row_of_a_product_does_not_depend_on_its_neighbours(dense, columns):
    rng = np.random.default_rng(columns)
    left, right = floats(rng, 75, 96), dense.pack(floats(rng, 96, columns))
    together = np.empty((75, columns), dtype=np.float32)
    dense.product(left, right, together)
    for begin, end in [(0, 1), (1, 2), (3, 10), (63, 66), (70, 75)]:
        out = np.empty((end - begin, columns), dtype=np.float32)
        dense.product(left[begin:end], right, out)
        np.testing.assert_array_equal(out, together[begin:end])


@pytest.mark.parametrize(("width", "pieces"), [(96, 3), (19, 2), (64, 5), (17, 8)])
def test_instruction_sets_agree(width, pieces):
    """Those with a fused multiply-add to the last bit; the portable one rounds once more a product."""
    results = {
        dense.name: every_kernel(dense, np.random.default_rng(3), 50, 48, width, pieces)[3]
        for dense in SUPPORTED
    }
    portable = results.pop("portable")
    for name, result in results.items():
        np.testing.assert_array_equal(result, next(iter(results.values())), err_msg=name)
        close = np.isclose(result, portable, rtol=1e-4, atol=1e-4)
        assert close.mean() > 0.999, "a near-tie of two pieces may fall either way"


@every_isa
def test_the_first_of_equal_pieces_wins(dense):
    left, right = np.ones((1, 4), dtype=np.float32), np.ones((4, 6), dtype=np.float32)
    out, argmax, normed = np.empty((3, 1, 2), dtype=np.float32)
    ones, zeros = np.ones(2, dtype=np.float32), np.zeros(6, dtype=np.float32)
    scale = np.empty(1, dtype=np.float32)
    dense.maxout_norm(left, dense.pack(right, 3), zeros, ones, zeros[:2], out, None, argmax, normed, scale)
    assert argmax.tolist() == [[0, 0]]
    assert np.isfinite(out).all(), "a constant row has a finite norm"


@every_isa
@quick
@given(seeds, ROWS, st.sampled_from([1, 3, 15, 16, 17, 96]), st.sampled_from([0.0, 0.01, 0.25, 0.5, 0.9]))
def test_dropout_drops_what_it_drops_in_float64(dense, seed, rows, width, rate):
    values = floats(np.random.default_rng(seed), rows, width)
    expected = values.astype(np.float64)
    kernels.dropout(expected, rate, seed)
    dense.dropout(values, rate, seed)
    np.testing.assert_array_equal(values == 0, expected == 0)
    np.testing.assert_allclose(values, expected, rtol=1e-6)


def array(*shape):
    return np.zeros(shape, dtype=np.float32)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: DENSE.product(array(2, 3), DENSE.pack(array(4, 5)), array(2, 5)),
            "inputs: expected .*, got 3",
        ),
        (
            lambda: DENSE.product(array(2, 4), DENSE.pack(array(4, 5)), array(3, 5)),
            "result: expected .*, got 3",
        ),
        (
            lambda: DENSE.product(array(2, 4), DENSE.pack(array(4, 5)), array(2, 6)),
            "outputs: expected .*, got 6",
        ),
        (
            lambda: DENSE.product(array(2, 4), DENSE.pack(array(4, 6), 2), array(2, 6)),
            "pieces: expected 0, got 2",
        ),
        (lambda: DENSE.product(array(2, 4), DENSE.pack(array(4, 5)), array(5, 2).T), "stride"),
        (lambda: DENSE.pack(array(4, 6), 9), "expected 2 to 8 of equal width, got 9"),
        (lambda: DENSE.pack(array(4, 7), 2), "2 of 7 columns"),
        (
            lambda: DENSE.maxout_norm(
                array(2, 4), DENSE.pack(array(4, 6), 2), array(6), array(3), array(3), array(2, 4)
            ),
            "columns of out: expected .*, got 4",
        ),
        (
            lambda: DENSE.add_chosen_product(array(2, 4), array(2, 6), array(3, 2), array(4, 6)),
            "rows of argmax: expected .*, got 3",
        ),
        (
            lambda: DENSE.add_chosen_product(array(2, 4), array(2, 7), array(2, 2), array(4, 7)),
            "not whole pieces: expected 0, got 1",
        ),
        (
            lambda: DENSE.add_chosen_product(array(4, 2).T, array(2, 6), array(2, 2), array(4, 6)),
            "stride of the columns of left",
        ),
        (
            lambda: DENSE.open_hidden(array(2, 5), np.array([3]), 3, array(1, 1), array(1, 1)),
            "slots: expected .*, got 5",
        ),
    ],
)
def test_sizes_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_unknown_instruction_set_is_refused_by_name():
    with pytest.raises(
        SettingError, match=r"expected an instruction set of this machine, .*portable, got 'sse9'"
    ):
        Dense("sse9")


def test_the_environment_chooses_the_instruction_set():
    code = "from nerture.core.kernels.dense import DENSE; print(DENSE.name)"
    result = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "NERTURE_SIMD": "portable"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stdout.strip() == "portable"
