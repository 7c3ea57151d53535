from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.text.alignment import find_cut_tokens, find_touched_tokens, split_tokens, trim
from nerture.core.text.doc import Doc


@st.composite
def tokens(draw, length=20):
    edges = sorted(draw(st.sets(st.integers(0, length))))
    found = [pair for pair in pairwise(edges) if draw(st.booleans())]
    return np.array(found, dtype=np.int32).reshape(-1, 2)


SPANS = st.lists(
    st.tuples(st.integers(0, 19), st.integers(1, 6)).map(lambda pair: (pair[0], min(20, sum(pair)))),
    max_size=5,
)


@given(tokens(), SPANS)
def test_find_touched_tokens(offsets, chars):
    got = find_touched_tokens(offsets, np.array(chars, dtype=np.int32).reshape(-1, 2))
    assert got.dtype == np.int32
    assert got.shape == (len(chars), 2)
    for (first, last), (start, end) in zip(got.tolist(), chars, strict=True):
        naive = [i for i, (a, b) in enumerate(offsets.tolist()) if set(range(a, b)) & set(range(start, end))]
        assert list(range(first, last)) == naive


@given(tokens(), st.lists(st.integers(0, 20)))
def test_find_cut_tokens(offsets, positions):
    got = find_cut_tokens(offsets, positions)
    for token, position in zip(got.tolist(), positions, strict=True):
        naive = [i for i, (a, b) in enumerate(offsets.tolist()) if position in range(a + 1, b)]
        assert token == (naive[0] if naive else -1)


@given(tokens(), st.lists(st.integers(0, 20)))
def test_split_tokens(offsets, positions):
    got = split_tokens(offsets, positions)
    naive = []
    for start, end in offsets.tolist():
        edges = [start, *sorted({p for p in positions if start < p < end}), end]
        naive += pairwise(edges)
    assert [tuple(pair) for pair in got.tolist()] == naive
    assert got.dtype == np.int32
    assert len(Doc.from_offsets("x" * 20, got)) == len(naive)
    assert (find_cut_tokens(got, positions) == -1).all()


@given(st.text(st.sampled_from("ab \n\u00a0😀"), min_size=1, max_size=8), st.data())
def test_trim(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    got_start, got_end = trim(text, start, end)
    assert text[got_start:got_end] == text[start:end].strip()
    assert start <= got_start <= got_end <= end
