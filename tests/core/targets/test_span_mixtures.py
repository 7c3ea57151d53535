"""Arithmetic of span probabilities, and what it leaves true: over a token, no more than 1 is promised."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.errors import DataError
from nerture.core.targets.projection import in_characters, onto_tokens, touching
from nerture.core.targets.span_mixtures import (
    average,
    coverage,
    of_labels,
    overruled,
    pruned,
    put_together,
    renamed,
)
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.text.doc import Doc


def soft(*rows, labels=("A", "B")):
    """Span probabilities of rows: start, end, label, probability."""
    spans = [(start, end, labels.index(label)) for start, end, label, _ in rows]
    return put_together(labels, spans, [row[3] for row in rows])


def told(found):
    return {
        (start, end, found.labels[label]): round(probability, 6)
        for (start, end, label), probability in zip(
            found.spans.tolist(), found.probabilities.tolist(), strict=True
        )
    }


def test_rows_are_ordered_and_those_of_one_span_add_up():
    found = put_together(["A", "B"], [(2, 3, 0), (0, 2, 1), (2, 3, 0)], [0.25, 0.5, 0.5])
    assert found.spans.tolist() == [[0, 2, 1], [2, 3, 0]]
    assert found.spans.dtype == np.int32
    assert found.probabilities.tolist() == [0.5, 0.75]
    assert found.probabilities.dtype == np.float32
    assert told(put_together(("A",), [], [])) == {}


def test_of_labels_leaves_out_what_is_said_of_others():
    told = SpanProbabilities(
        ("A", "B", "C"),
        np.array([[0, 1, 2], [1, 2, 1], [2, 4, 0]], np.int32),
        np.array([0.5, 0.25, 1.0], np.float32),
    )
    found = of_labels(told, ("C", "A", "X"))
    assert found.labels == ("C", "A")
    assert found.spans.tolist() == [[0, 1, 0], [2, 4, 1]]
    assert found.probabilities.tolist() == [0.5, 1.0]


def test_renamed():
    found = soft((0, 1, "A", 0.3), (0, 1, "B", 0.4), (1, 3, "C", 0.5), labels=("A", "B", "C"))
    merged = renamed(found, {"A": "X", "B": "X", "C": None})
    assert merged.labels == ("X",)
    assert told(merged) == {(0, 1, "X"): 0.7}
    assert renamed(found, {"A": None, "B": None, "C": None}).labels == ()
    assert told(renamed(found, {"A": "C", "B": "B", "C": "A"}))[1, 3, "A"] == 0.5


def test_average_is_the_mixture_whatever_the_order_of_labels():
    one, two = soft((0, 1, "A", 0.5), (1, 2, "B", 0.5)), soft((0, 1, "A", 1.0), labels=("B", "A"))
    assert told(average([one, two], [1, 1])) == {(0, 1, "A"): 0.75, (1, 2, "B"): 0.25}
    assert told(average([one, two], [3, 1])) == {(0, 1, "A"): 0.625, (1, 2, "B"): 0.375}


def test_an_average_of_teachers_of_different_labels_is_refused():
    with pytest.raises(DataError, match=r"same labels: \{A, B\} and \{A\}"):
        average([soft(), soft(labels=("A",))], [1, 1])


def test_what_is_certain_removes_what_overlaps_it():
    found = soft((0, 2, "A", 0.4), (1, 3, "B", 0.3), (2, 3, "A", 0.2), (3, 4, "A", 0.1))
    assert told(overruled(found, [(1, 2, "B")])) == {(1, 2, "B"): 1, (2, 3, "A"): 0.2, (3, 4, "A"): 0.1}
    assert told(overruled(found, [(1, 3, "B")])) == {(1, 3, "B"): 1, (3, 4, "A"): 0.1}
    assert told(overruled(found, [])) == told(found)


def test_pruned():
    assert told(pruned(soft((0, 1, "A", 0.5), (1, 2, "A", 9e-5)))) == {(0, 1, "A"): 0.5}


def test_coverage():
    found = soft((0, 3, "A", 0.5), (1, 2, "B", 0.25), (2, 4, "B", 0.125))
    sums = coverage(found.spans, found.probabilities, 5)
    np.testing.assert_allclose(sums, [0.5, 0.75, 0.625, 0.125, 0], atol=1e-12)


TEXT = "New-York is big"
OURS = Doc.from_offsets(TEXT, [(0, 8), (9, 11), (12, 15)])
THEIRS = Doc.from_offsets(TEXT, [(0, 3), (3, 4), (4, 8), (9, 11), (12, 13), (13, 15)])


def projected(*rows):
    return told(onto_tokens(in_characters(soft(*rows), THEIRS.offsets), OURS.offsets))


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
    assert told(onto_tokens(between, OURS.offsets)) == {}
    assert touching(between, OURS.offsets).spans.tolist() == [[1, 1, 0]]


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
    found = put_together(("A", "B"), spans, random.random(count))
    most = coverage(found.spans, found.probabilities, len(theirs)).max(initial=0)
    if most > 1:
        found = put_together(("A", "B"), found.spans, found.probabilities / most)
    return theirs, ours, found


@given(cut_texts())
def test_on_other_tokens_no_more_than_1_is_promised_over_any(cut):
    theirs, ours, found = cut
    moved = onto_tokens(in_characters(found, theirs), ours)
    assert coverage(moved.spans, moved.probabilities, len(ours)).max(initial=0) <= 1 + 1e-6
    same = onto_tokens(in_characters(found, theirs), theirs)
    assert told(same) == pytest.approx(told(found), abs=1e-6)
