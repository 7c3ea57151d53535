"""Common tokens against each character's own account, and targets that say the same of the characters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.errors import DataError, Origin
from nerture.core.targets.retokenization import find_common_tokens, retokenize
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Belief, Target
from nerture.core.text.doc import Doc

TEXT = "abcdefgh"


@st.composite
def cuts(draw):
    """Tokens of the text: some stretches between sorted places."""
    edges = sorted(draw(st.sets(st.integers(0, len(TEXT)))))
    pairs = [pair for pair in pairwise(edges) if draw(st.booleans())]
    return np.array(pairs, dtype=np.int32).reshape(-1, 2)


@given(st.lists(cuts(), min_size=1, max_size=4))
def test_characters_are_in_one_token_when_every_cut_has_them_in_the_same(several):
    accounts = []  # for each character: the number of its token in each cut
    for place in range(len(TEXT)):
        accounts.append(
            tuple(
                next((number for number, (start, end) in enumerate(cut) if start <= place < end), None)
                for cut in several
            )
        )
    edges = {int(edge) for cut in several for edge in cut.ravel()}
    wanted = []
    for place, account in enumerate(accounts):
        if set(account) == {None}:
            continue
        if place not in edges and wanted and accounts[place - 1] == account:
            wanted[-1][1] = place + 1
        else:
            wanted.append([place, place + 1])
    found = find_common_tokens(several)
    assert found.dtype == np.int32
    assert found.tolist() == wanted


def cut_at(*edges):
    bounds = list(pairwise(edges))
    return Doc.from_offsets(TEXT, np.array(bounds, dtype=np.int32))


def test_moved_targets_say_the_same_of_the_characters():
    coarse, fine = cut_at(0, 4, 8), cut_at(0, 2, 4, 6, 8)
    teacher = SpanProbabilities(("A",), np.array([[1, 2, 0]]), np.array([0.25], dtype=np.float32))
    target = Target(
        coarse,
        spans=(coarse.span(0, 1, "A"),),
        rejected=(coarse.span(0, 2, "A"),),
        outside=(1,),
        not_together=((coarse.span(1, 2, "A"),),),
        beliefs=(Belief(coarse.span(1, 2, "B"), 0.75),),
        teacher=teacher,
    )
    moved, other = retokenize([target, Target(fine)])
    assert moved.doc is other.doc
    assert moved.doc.offsets.tolist() == [[0, 2], [2, 4], [4, 6], [6, 8]]
    assert [span.text for span in moved.spans] == ["abcd"]
    assert [span.text for span in moved.rejected] == [TEXT]
    assert moved.outside == (2, 3)
    assert [[span.text for span in group] for group in moved.not_together] == [["efgh"]]
    assert [(belief.span.text, belief.probability) for belief in moved.beliefs] == [("efgh", 0.75)]
    assert moved.teacher is not None
    assert moved.teacher.spans.tolist() == [[2, 4, 0]]
    assert teacher.spans.tolist() == [[1, 2, 0]], "the original stays as it was"


def test_targets_with_the_same_tokens_stay_as_they_are():
    doc = cut_at(0, 4, 8)
    both = [Target(doc), Target(doc, outside=(0,))]
    assert all(found is one for found, one in zip(retokenize(both), both, strict=True))


def test_other_texts_are_refused_with_their_origin():
    first, second = Target(Doc("a"), origin=Origin("x", 1)), Target(Doc("b"), origin=Origin("x", 2))
    with pytest.raises(DataError, match=r"x:2: not the text of x:1"):
        retokenize([first, second])
