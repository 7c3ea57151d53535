"""The int8 kernels of every instruction set of this machine, against whole numbers in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.kernels.int8 import Int8Dense

from ...support.instruction_sets import SUPPORTED

every_isa = pytest.mark.parametrize("dense", SUPPORTED, ids=[dense.name for dense in SUPPORTED])
quick = settings(max_examples=60, deadline=None)
seeds = st.integers(0, 10_000)
ROWS = st.sampled_from([0, 1, 2, 3, 4, 7, 8, 63, 64, 65, 130])
WIDTHS = st.sampled_from([1, 2, 3, 4, 5, 15, 16, 17, 57, 96, 97])
COLUMNS = st.sampled_from([1, 2, 4, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 97])
PARTS = st.integers(1, 3)
PIECES = st.integers(2, 8)
STEPS = np.float32(127)
UNIT = 2.0**-24  # half the distance of float32 numbers near 1


def floats(rng, *shape):
    """Values of rows of very different size, some rows all zero."""
    sizes = 10.0 ** rng.integers(-3, 4, size=(shape[0], *[1] * (len(shape) - 1)))
    zero = rng.random(sizes.shape) < 0.1
    return (rng.normal(size=shape) * np.where(zero, 0, sizes)).astype(np.float32)


def in_steps(values, axis):
    """Return whole steps, and how large they are."""
    largest = np.abs(values).max(axis=axis, keepdims=True)
    rate = np.divide(STEPS, largest, out=np.zeros_like(largest), where=largest > 0)
    return np.rint(values * rate).astype(np.int64), (largest / STEPS).astype(np.float64)


def expected_product(rows, right, parts):
    """Return the product of windows of rows, by the definition; and the sum of its terms' sizes."""
    count, width = len(rows) - parts + 1, rows.shape[1]
    steps, scales = in_steps(rows, 1)
    largest = np.abs(right).max(axis=0, keepdims=True)
    weight_scales = np.where(largest > 0, largest / STEPS, 1).astype(np.float32)
    weights = np.rint(right / weight_scales).astype(np.int64)
    total, size = np.zeros((2, count, right.shape[1]))
    for part in range(parts):
        exact = steps[part : part + count] @ weights[part * width : (part + 1) * width]
        term = exact * scales[part : part + count] * weight_scales
        total += term
        size += np.abs(term)
    return total, size


@every_isa
@quick
@given(seeds, ROWS, WIDTHS, COLUMNS, PARTS, st.booleans())
def test_product(dense, seed, rows, width, columns, parts, biased):
    rng = np.random.default_rng(seed)
    left, right = floats(rng, rows + parts - 1, width), floats(rng, columns, parts * width).T
    bias = rng.normal(size=columns).astype(np.float32)
    out = np.empty((rows, columns), dtype=np.float32)
    int8 = Int8Dense(dense)
    int8.product(left, int8.pack(right, parts), out, bias if biased else None)
    exact, size = expected_product(left, right, parts)
    exact += biased * bias
    assert (np.abs(out - exact) <= 8 * UNIT * (size + biased * np.abs(bias))).all()


@every_isa
@quick
@given(seeds, ROWS, WIDTHS, COLUMNS, PARTS)
def test_rounding_costs_half_a_step_of_either_side_at_most(dense, seed, rows, width, columns, parts):
    rng = np.random.default_rng(seed)
    left, right = floats(rng, rows + parts - 1, width), floats(rng, columns, parts * width).T
    out = np.empty((rows, columns), dtype=np.float32)
    int8 = Int8Dense(dense)
    int8.product(left, int8.pack(right, parts), out)
    half = np.abs(right).max(axis=0) / 254
    for row in range(rows):
        window = left[row : row + parts].astype(np.float64)
        half_steps = np.repeat(np.abs(window).max(axis=1) / 254, width)
        values = window.reshape(-1)
        bound = half_steps @ np.abs(right) + np.abs(values).sum() * half + half_steps.sum() * half
        assert (np.abs(out[row] - values @ right) <= 1.001 * bound + 1e-30).all()


@every_isa
@quick
@given(seeds, ROWS, WIDTHS, st.sampled_from([1, 3, 8, 15, 16, 17, 96]), PARTS, PIECES, st.booleans())
def test_maxout_norm(dense, seed, rows, width, outputs, parts, pieces, added):
    rng = np.random.default_rng(seed)
    left = floats(rng, rows + parts - 1, width)
    right = rng.normal(size=(parts * width, pieces * outputs)).astype(np.float32)
    bias = rng.normal(size=pieces * outputs).astype(np.float32)
    gain, shift = rng.normal(size=(2, outputs)).astype(np.float32)
    residual = rng.normal(size=(rows, outputs)).astype(np.float32)
    out = np.empty((rows, outputs), dtype=np.float32)
    int8 = Int8Dense(dense)
    panels = int8.pack(right, parts, pieces)
    int8.maxout_norm(left, panels, bias, gain, shift, out, residual if added else None)
    products = np.empty((rows, pieces * outputs), dtype=np.float32)
    int8.product(left, int8.pack(right, parts), products, bias)
    best = products.astype(np.float64).reshape(rows, pieces, outputs).max(axis=1)
    centred = best - best.mean(axis=1, keepdims=True)
    normed = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    expected = normed * gain + shift + added * residual
    blurred = (
        1e-5
        * np.abs(best).max(axis=1, keepdims=True, initial=0)
        / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    )  # where all outputs are nearly alike, the norm magnifies how they were rounded
    assert (np.abs(out - expected) <= 1e-4 * (1 + np.abs(expected)) + blurred * (1 + np.abs(gain))).all()


def known_windows(dense, rows, bias, gain, shift):
    out = np.empty((len(rows), len(gain)), dtype=np.float32)
    Int8Dense(dense).cached_maxout_norm(rows, bias, gain, shift, out)
    return out


@every_isa
@quick
@given(seeds, ROWS, st.sampled_from([1, 3, 8, 15, 16, 17, 33, 96]), PIECES)
def test_windows_of_cached_products(dense, seed, count, width, pieces):
    rng = np.random.default_rng(seed)
    columns = pieces * width
    rows = np.concatenate(
        [rng.normal(size=(count, width)), *(floats(rng, count, columns) for _ in range(3))], axis=1
    ).astype(np.float32)
    bias = rng.normal(size=columns).astype(np.float32)
    gain, shift = rng.normal(size=(2, width)).astype(np.float32)
    out = known_windows(dense, rows, bias, gain, shift)
    places = rows[:, width:].reshape(count, 3, columns)
    largest = np.abs(places).max(axis=2, keepdims=True, initial=0)
    rate = np.divide(np.float32(32767), largest, out=np.zeros_like(largest), where=largest > 0)
    kept = np.rint(places * rate) * (largest / np.float32(32767)).astype(np.float64)
    assert (np.abs(kept - places) <= 0.505 * largest / 32767 + 1e-30).all()
    framed = np.concatenate([np.zeros((1, 3, columns)), kept, np.zeros((1, 3, columns))])
    sums = bias + framed[:-2, 0] + framed[1:-1, 1] + framed[2:, 2]
    best = sums.reshape(count, pieces, width).max(axis=1)
    centred = best - best.mean(axis=1, keepdims=True)
    scale = 1 / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    expected = centred * scale * gain + shift + rows[:, :width]
    blurred = 1e-5 * scale * np.abs(best).max(axis=1, keepdims=True, initial=0)
    assert (np.abs(out - expected) <= 1e-4 * (1 + np.abs(expected)) + blurred * (1 + np.abs(gain))).all()


@quick
@given(seeds, st.sampled_from([1, 8, 17, 96]), PIECES)
def test_instruction_sets_agree_on_cached_products(seed, width, pieces):
    rng = np.random.default_rng(seed)
    rows = floats(rng, 20, width * (1 + 3 * pieces))
    bias = rng.normal(size=width * pieces).astype(np.float32)
    gain, shift = rng.normal(size=(2, width)).astype(np.float32)
    found = {dense.name: known_windows(dense, rows, bias, gain, shift).tobytes() for dense in SUPPORTED}
    del found["portable"]  # rounds each product once more
    assert len(set(found.values())) <= 1


@quick
@given(seeds, WIDTHS, COLUMNS, PARTS)
def test_instruction_sets_agree(seed, width, columns, parts):
    """Whole numbers are summed exactly; with a fused multiply-add, the rest is the same to the last bit."""
    rng = np.random.default_rng(seed)
    left, right = floats(rng, 40, width), floats(rng, columns, parts * width).T
    found = {}
    for dense in SUPPORTED:
        int8 = Int8Dense(dense)
        found[dense.name] = np.empty((41 - parts, columns), dtype=np.float32)
        int8.product(left, int8.pack(right, parts), found[dense.name])
    portable = found.pop("portable")
    _, size = expected_product(left, right, parts)
    for result in found.values():
        np.testing.assert_array_equal(result, next(iter(found.values())))
        assert (np.abs(result - portable) <= 8 * UNIT * size).all()


@every_isa
@quick
@given(seeds, st.integers(1, 70), WIDTHS, COLUMNS, PARTS, st.data())
def test_a_row_alone_gives_the_bytes_that_it_gives_among_others(
    dense, seed, rows, width, columns, parts, data
):
    rng = np.random.default_rng(seed)
    left, right = floats(rng, rows + parts - 1, width), floats(rng, columns, parts * width).T
    row = data.draw(st.integers(0, rows - 1))
    int8 = Int8Dense(dense)
    panels = int8.pack(right, parts)
    together, alone = np.empty((rows, columns), np.float32), np.empty((1, columns), np.float32)
    int8.product(left, panels, together)
    int8.product(left[row : row + parts], panels, alone)
    assert alone.tobytes() == together[row : row + 1].tobytes()


@every_isa
@pytest.mark.parametrize("size", [1e-45, 1e-38, 1e-31, 1e-29, 1e30])
def test_rows_and_weights_of_any_size_give_finite_numbers(dense, size):
    """Those below 1e-30 are zero: 127 over them would not be finite."""
    extreme, ones = np.full((3, 5), size, dtype=np.float32), np.ones((3, 5), dtype=np.float32)
    int8 = Int8Dense(dense)
    for left, right in [(extreme, ones.T), (ones, extreme.T)]:
        out = np.empty((3, 3), dtype=np.float32)
        int8.product(left, int8.pack(right, 1), out)
        np.testing.assert_allclose(out, 5 * size if size > 1e-30 else 0, rtol=1e-5)


def array(*shape):
    return np.zeros(shape, dtype=np.float32)


INT8 = Int8Dense()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: INT8.product(array(2, 3), INT8.pack(array(4, 5), 1), array(2, 5)),
            "inputs: expected .*, got 3",
        ),
        (
            lambda: INT8.product(array(2, 4), INT8.pack(array(4, 5), 1), array(3, 5)),
            "rows: expected .*, got 2",
        ),
        (
            lambda: INT8.product(array(2, 2), INT8.pack(array(4, 5), 2), array(2, 5)),
            "rows: expected .*, got 2",
        ),
        (
            lambda: INT8.product(array(2, 4), INT8.pack(array(4, 5), 1), array(2, 6)),
            "outputs: expected .*, got 6",
        ),
        (
            lambda: INT8.product(array(2, 4), INT8.pack(array(4, 6), 1, 2), array(2, 6)),
            "pieces: expected 0, got 2",
        ),
        (lambda: INT8.pack(array(4, 6), 3), "parts: expected a divisor of the number of inputs, 4, got 3"),
        (lambda: INT8.pack(array(4, 6), 0), "parts: expected a divisor of the number of inputs, 4, got 0"),
        (lambda: INT8.pack(array(4, 6), 1, 9), "expected 2 to 8 of equal width, got 9"),
        (lambda: INT8.pack(array(4, 7), 1, 2), "2 of 7 columns"),
        (
            lambda: INT8.maxout_norm(
                array(2, 4), INT8.pack(array(4, 6), 1, 2), array(6), array(3), array(3), array(2, 4)
            ),
            "outputs: expected .*, got 4",
        ),
        (
            lambda: INT8.cached_maxout_norm(array(2, 20), array(6), array(3), array(3), array(2, 3)),
            "rows: expected 21, got 20",
        ),
        (
            lambda: INT8.cached_maxout_norm(array(2, 21), array(6), array(3), array(3), array(3, 3)),
            "rows of out: expected .*, got 3",
        ),
    ],
)
def test_sizes_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
