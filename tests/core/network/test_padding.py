from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.network.padding import Frame, windows


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.sampled_from([np.float32, np.float64]))
def test_windows_of_a_frame_are_the_neighbours_within_the_text(lengths, dtype):
    bounds = np.cumsum([0, *lengths]).astype(np.int64)
    rows = np.arange(3.0 * bounds[-1], dtype=dtype).reshape(-1, 3) + 1
    frame = Frame.of(bounds)
    framed = frame.pad(rows)
    assert framed.dtype == dtype
    np.testing.assert_array_equal(frame.unpad(framed), rows)
    expected = []
    for begin, end in pairwise(bounds):
        padded = np.pad(rows[begin:end], ((1, 1), (0, 0)))
        expected += [padded[token : token + 3].ravel() for token in range(end - begin)]
    found = windows(framed)[frame.tokens - 1]
    np.testing.assert_array_equal(found, np.reshape(expected, found.shape))


def test_windows_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        windows(np.zeros((4, 2)))[0, 0] = 1
