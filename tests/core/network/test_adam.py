"""Adam against a few lines of numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.network.adam import adam, squared_norm

from ...support.instruction_sets import SUPPORTED


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1000),
    st.integers(0, 20),
    st.floats(1e-5, 0.5),
    st.floats(0, 0.5),
    st.floats(0.01, 1),
    st.floats(0, 1),
    st.sampled_from([np.float32, np.float64]),
)
def test_three_steps(seed, size, rate, decay, scale, keep, dtype):
    rng = np.random.default_rng(seed)
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8
    start = rng.normal(size=size)
    values, average = start.astype(dtype), start.astype(dtype)
    first, second = np.zeros(size, dtype), np.zeros(size, dtype)
    anchor = rng.normal(size=size).astype(dtype)
    expected, mean = start.copy(), start.copy()
    m, v = np.zeros(size), np.zeros(size)
    for step in (1, 2, 3):
        gradient = rng.normal(size=size)
        adam(
            values, gradient.astype(dtype), first, second, average, anchor,
            rate, decay, beta1, beta2, epsilon, step, scale, keep,
        )  # fmt: skip
        clipped = gradient * scale
        m = beta1 * m + (1 - beta1) * clipped
        v = beta2 * v + (1 - beta2) * clipped**2
        corrected = (m / (1 - beta1**step)) / (np.sqrt(v / (1 - beta2**step)) + epsilon)
        expected = expected - rate * corrected - rate * decay * (expected - anchor)
        mean = keep * mean + (1 - keep) * expected
    tolerance = 2e-4 if dtype is np.float32 else 1e-9
    np.testing.assert_allclose(values, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(average, mean, rtol=tolerance, atol=tolerance)


def test_without_gradient_only_the_decay_acts():
    values, average, anchor = np.ones(3), np.ones(3), np.array([0.0, 1.0, 3.0])
    zeros = [np.zeros(3) for _ in range(3)]
    adam(values, *zeros, average, anchor, 0.1, 0.5, 0.9, 0.999, 1e-8, 1, 1.0, 1.0)
    assert values == pytest.approx([0.95, 1.0, 1.1])
    assert average == pytest.approx(1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_anchor_is_one_of_zeros_and_the_gradient_is_used_up(dtype):
    rng = np.random.default_rng(0)
    arrays = [np.abs(rng.normal(size=100)).astype(dtype) for _ in range(5)]
    others = [array.copy() for array in arrays]
    adam(*arrays, None, 0.1, 0.5, 0.9, 0.999, 1e-8, 1, 1.0, 0.5)
    adam(*others, np.zeros(100, dtype), 0.1, 0.5, 0.9, 0.999, 1e-8, 1, 1.0, 0.5)
    for array, other in zip(arrays, others, strict=True):
        assert array.tobytes() == other.tobytes()
    assert not arrays[1].any()


def two_steps(dense, size):
    """Return what two steps of Adam make of random arrays."""
    rng = np.random.default_rng(size)
    arrays = [(0.1 * rng.normal(size=size)).astype(np.float32) for _ in range(6)]
    arrays[3] **= 2
    for step in (1, 2):
        adam(*arrays, 0.01, 0.3, 0.9, 0.999, 1e-8, step, 0.7, 0.9, dense)
    return b"".join(array.tobytes() for array in arrays)


@pytest.mark.parametrize("size", [1, 3, 4, 15, 16, 17, 31, 1000])
def test_every_instruction_set_gives_the_same_bytes(size):
    assert len({two_steps(dense, size) for dense in SUPPORTED}) == 1


def test_arrays_of_different_sizes_are_refused():
    arrays = [np.zeros(3) for _ in range(5)]
    with pytest.raises(ValueError, match="sizes"):
        adam(*arrays, np.zeros(2), 0.1, 0.5, 0.9, 0.999, 1e-8, 1, 1.0, 1.0)


@pytest.mark.parametrize("size", [0, 1, 15, 4096, 4097, 100_001])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_squared_norm(size, dtype):
    values = np.random.default_rng(size).normal(size=size).astype(dtype)
    expected = math.fsum(value * value for value in values.astype(np.float64).tolist())
    assert squared_norm(values) == pytest.approx(expected, rel=1e-6 if dtype == np.float32 else 1e-12)
