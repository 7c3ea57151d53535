"""Span probabilities transferred to other tokens: the sum over a token never exceeds 1."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.targets.projection import to_characters, to_tokens, to_touched_tokens
from nerture.core.targets.span_mixtures import (
    coverage,
    sum_span_rows,
)
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.text.doc import Doc


def soft(*rows, labels=("A", "B")):
    """Span probabilities of rows: start, end, label, probability."""
    spans = [(start, end, labels.index(label)) for start, end, label, _ in rows]
    return sum_span_rows(labels, spans, [row[3] for row in rows])


def as_dict(found):
    return {
        (start, end, found.labels[label]): round(probability, 6)
        for (start, end, label), probability in zip(
            found.spans.tolist(), found.probabilities.tolist(), strict=True
        )
    }


TEXT = "New-York is big"
OURS = Doc.from_offsets(TEXT, [(0, 8), (9, 11), (12, 15)])
THEIRS = Doc.from_offsets(TEXT, [(0, 3), (3, 4), (4, 8), (9, 11), (12, 13), (13, 15)])


def projected(*rows):
    return as_dict(to_tokens(to_characters(soft(*rows), THEIRS.offsets), OURS.offsets))


def test_spans_become_the_tokens_that_they_touch():
    assert projected((0, 3, "A", 0.9), (4, 5, "B", 0.2), (3, 6, "B", 0.1)) == {
        (0, 1, "A"): 0.9, (2, 3, "B"): 0.2, (1, 3, "B"): 0.1,
    }  # fmt: skip


def test_alternatives_that_become_one_span_add_up():
    assert projected((0, 1, "A", 0.3), (0, 3, "A", 0.6)) == {(0, 1, "A"): 0.9}


def test_spans_that_were_apart_share_a_token():
    assert projected((0, 1, "A", 0.9), (2, 3, "B", 0.9)) == {(0, 1, "A"): 0.5, (0, 1, "B"): 0.5}


def test_a_span_that_touches_no_token():
    between = SpanProbabilities(("A",), np.array([[8, 9, 0]], np.int32), np.ones(1, np.float32))
    assert as_dict(to_tokens(between, OURS.offsets)) == {}
    assert to_touched_tokens(between, OURS.offsets).spans.tolist() == [[1, 1, 0]]


@st.composite
def cut_texts(draw):
    """Two cuttings of one text, and probabilities of spans over the first that promise at most 1."""
    length = draw(st.integers(1, 12))

    def offsets():
        points = sorted({0, length, *draw(st.lists(st.integers(0, length), max_size=6))})
        return np.array(list(pairwise(points)), np.int32).reshape(-1, 2)

    theirs, ours = offsets(), offsets()
    count = draw(st.integers(0, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    starts = random.integers(0, len(theirs), count)
    ends = np.array([random.integers(start + 1, len(theirs) + 1) for start in starts], np.int64)
    spans = np.stack([starts, ends, random.integers(0, 2, count)], axis=1).astype(np.int32)
    found = sum_span_rows(("A", "B"), spans, random.random(count))
    most = coverage(found.spans, found.probabilities, len(theirs)).max(initial=0)
    if most > 1:
        found = sum_span_rows(("A", "B"), found.spans, found.probabilities / most)
    return theirs, ours, found


@given(cut_texts())
def test_on_other_tokens_no_sum_exceeds_one(cut):
    theirs, ours, found = cut
    moved = to_tokens(to_characters(found, theirs), ours)
    assert coverage(moved.spans, moved.probabilities, len(ours)).max(initial=0) <= 1 + 1e-6
    same = to_tokens(to_characters(found, theirs), theirs)
    assert as_dict(same) == pytest.approx(as_dict(found), abs=1e-6)
