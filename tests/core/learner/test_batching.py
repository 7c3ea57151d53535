from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nerture.core.learner.batching import batch_by_words, make_bounds


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 50), st.randoms())
def test_batches_hold_every_text_once_in_order_and_within_the_limit(lengths, words, random):
    order = list(range(len(lengths)))
    random.shuffle(order)
    batches = list(batch_by_words(lengths, words, order))
    assert [index for batch in batches for index in batch] == order
    for batch in batches:
        assert batch
        assert sum(lengths[index] for index in batch) <= words or len(batch) == 1
    for batch, after in pairwise(batches):
        assert sum(lengths[index] for index in batch) + lengths[after[0]] > words, (
            "the next text would have fit"
        )


def test_the_order_is_that_of_the_texts_unless_given():
    assert list(batch_by_words([3, 3, 9, 1], 6)) == [[0, 1], [2], [3]]
    assert list(batch_by_words([], 6)) == []


def test_bounds():
    assert make_bounds([2, 0, 3]).tolist() == [0, 2, 2, 5]
    assert make_bounds([]).tolist() == [0]
