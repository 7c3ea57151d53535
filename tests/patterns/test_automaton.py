"""The automaton against a search at every place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.errors import DataError
from nerture.patterns.automaton import ARRAYS, TokenAutomaton

TOKENS = st.integers(0, 3)
SEQUENCES = st.lists(st.lists(TOKENS, min_size=1, max_size=4), max_size=12)
TEXTS = st.lists(st.one_of(TOKENS, st.none()), max_size=30)


def built(sequences: list[list[int]]) -> TokenAutomaton:
    return TokenAutomaton.build(
        np.array([token for sequence in sequences for token in sequence], np.int32),
        np.cumsum([0, *map(len, sequences)], dtype=np.int64),
        np.arange(len(sequences), dtype=np.int32),
    )


def naive(sequences: list[list[int]], text: list[int | None]) -> list[tuple[int, int, int]]:
    return sorted(
        (start, start + len(sequence), number)
        for number, sequence in enumerate(sequences)
        for start in range(len(text))
        if text[start : start + len(sequence)] == sequence
    )


@given(SEQUENCES, TEXTS)
@settings(deadline=None, max_examples=400)
def test_every_occurrence_is_found_and_nothing_else(
    sequences: list[list[int]], text: list[int | None]
) -> None:
    hits = built(sequences).find_hits(text)
    assert hits.dtype == np.int32
    assert hits.shape == (len(hits), 3)
    assert sorted(map(tuple, hits.tolist())) == naive(sequences, text)
    ends = hits[:, 1].tolist()
    assert ends == sorted(ends)


def test_a_hundred_thousand_beginnings() -> None:
    sequences = [[number, number % 7] for number in range(100_000)]
    automaton = built(sequences)
    assert automaton.find_hits([99_999, 4, 5, 5, 70_000, 0]).tolist() == [
        [0, 2, 99_999],
        [2, 4, 5],
        [4, 6, 70_000],
    ]


@given(SEQUENCES, TEXTS, st.data())
@settings(deadline=None, max_examples=400)
def test_arrays_that_were_changed_are_refused_or_lead_nowhere_outside(
    sequences: list[list[int]], text: list[int | None], data: st.DataObject
) -> None:
    arrays = {name: array.copy() for name, array in built(sequences).arrays.items()}
    name = data.draw(st.sampled_from(sorted(ARRAYS)))
    if len(arrays[name]):
        place = data.draw(st.integers(0, len(arrays[name]) - 1))
        limits = np.iinfo(ARRAYS[name])
        value = st.one_of(st.integers(-2, 10), st.sampled_from([limits.min, limits.max]))
        arrays[name][place] = data.draw(value.filter(lambda number: limits.min <= number))
    try:
        automaton = TokenAutomaton(arrays)
    except DataError:
        return
    for start, end, _ in automaton.find_hits(text).tolist():
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("name", sorted(ARRAYS))
def test_arrays_of_another_kind_are_refused(name: str) -> None:
    arrays: dict[str, Any] = dict(built([[1, 2], [2]]).arrays)
    for other in (None, arrays[name].astype(np.float32), arrays[name][None], arrays[name][:-1].copy()):
        with pytest.raises(DataError):
            TokenAutomaton({**arrays, name: other} if other is not None else {
                key: array for key, array in arrays.items() if key != name
            })  # fmt: skip
