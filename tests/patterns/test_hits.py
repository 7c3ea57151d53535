"""Which hits are kept, compared with the general algorithm, and how they become matches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.text.match import Match
from nerture.patterns.hits import choose_disjoint, make_matches, sort_hits
from nerture.patterns.overlap import choose_hits

HITS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5), st.integers(0, 6)), max_size=20, unique=True)


@given(HITS, st.sampled_from(["longest", "first", "priority"]))
@settings(deadline=None, max_examples=400)
def test_the_same_hits_are_kept_as_by_the_general_algorithm(
    found: list[tuple[int, int, int]], overlap: Any
) -> None:
    hits = [(start, start + length, row) for start, length, row in found]
    array = np.array(hits, np.int32).reshape(-1, 3)
    kept = [tuple(hit) for hit in choose_disjoint(array, overlap, 20).tolist()]
    assert kept == choose_hits(hits, overlap, 20, lambda start, stop, row: 0)


@given(HITS)
@settings(deadline=None)
def test_hits_in_order_become_matches(found: list[tuple[int, int, int]]) -> None:
    array = sort_hits(np.array(found, np.int32).reshape(-1, 3))
    assert [tuple(hit) for hit in array.tolist()] == sorted(found)
    labels, ids = list("ABCDEFG"), [str(number) for number in range(7)]
    made = make_matches(array, labels, ids)
    assert made == [Match(start, end, labels[row], ids[row]) for start, end, row in sorted(found)]
    assert all(type(match) is Match for match in made)


def test_an_unknown_row_is_refused() -> None:
    for row in (-1, 2):
        with pytest.raises(IndexError):
            make_matches(np.array([[0, 1, row]], np.int32), ["A", "B"], ["1", "2"])
