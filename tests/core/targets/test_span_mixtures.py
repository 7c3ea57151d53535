"""Arithmetic of span probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from nerture.core.errors import DataError
from nerture.core.targets.span_mixtures import (
    average_probabilities,
    coverage,
    overrule_spans,
    prune_spans,
    rename_labels,
    select_labels,
    sum_span_rows,
)
from nerture.core.targets.span_probabilities import SpanProbabilities


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


def test_rows_are_ordered_and_those_of_one_span_add_up():
    found = sum_span_rows(["A", "B"], [(2, 3, 0), (0, 2, 1), (2, 3, 0)], [0.25, 0.5, 0.5])
    assert found.spans.tolist() == [[0, 2, 1], [2, 3, 0]]
    assert found.spans.dtype == np.int32
    assert found.probabilities.tolist() == [0.5, 0.75]
    assert found.probabilities.dtype == np.float32
    assert as_dict(sum_span_rows(("A",), [], [])) == {}


def test_select_labels_drops_the_spans_of_other_labels():
    teacher = SpanProbabilities(
        ("A", "B", "C"),
        np.array([[0, 1, 2], [1, 2, 1], [2, 4, 0]], np.int32),
        np.array([0.5, 0.25, 1.0], np.float32),
    )
    found = select_labels(teacher, ("C", "A", "X"))
    assert found.labels == ("C", "A")
    assert found.spans.tolist() == [[0, 1, 0], [2, 4, 1]]
    assert found.probabilities.tolist() == [0.5, 1.0]


def test_rename_labels():
    found = soft((0, 1, "A", 0.3), (0, 1, "B", 0.4), (1, 3, "C", 0.5), labels=("A", "B", "C"))
    merged = rename_labels(found, {"A": "X", "B": "X", "C": None})
    assert merged.labels == ("X",)
    assert as_dict(merged) == {(0, 1, "X"): 0.7}
    assert rename_labels(found, {"A": None, "B": None, "C": None}).labels == ()
    assert as_dict(rename_labels(found, {"A": "C", "B": "B", "C": "A"}))[1, 3, "A"] == 0.5


def test_average_is_the_mixture_whatever_the_order_of_labels():
    one, two = soft((0, 1, "A", 0.5), (1, 2, "B", 0.5)), soft((0, 1, "A", 1.0), labels=("B", "A"))
    assert as_dict(average_probabilities([one, two], [1, 1])) == {(0, 1, "A"): 0.75, (1, 2, "B"): 0.25}
    assert as_dict(average_probabilities([one, two], [3, 1])) == {(0, 1, "A"): 0.625, (1, 2, "B"): 0.375}


def test_an_average_of_teachers_of_different_labels_is_refused():
    with pytest.raises(DataError, match=r"same labels, got \{A, B\} and \{A\}"):
        average_probabilities([soft(), soft(labels=("A",))], [1, 1])


def test_what_is_certain_removes_what_overlaps_it():
    found = soft((0, 2, "A", 0.4), (1, 3, "B", 0.3), (2, 3, "A", 0.2), (3, 4, "A", 0.1))
    assert as_dict(overrule_spans(found, [(1, 2, "B")])) == {
        (1, 2, "B"): 1,
        (2, 3, "A"): 0.2,
        (3, 4, "A"): 0.1,
    }
    assert as_dict(overrule_spans(found, [(1, 3, "B")])) == {(1, 3, "B"): 1, (3, 4, "A"): 0.1}
    assert as_dict(overrule_spans(found, [])) == as_dict(found)


def test_prune_spans():
    assert as_dict(prune_spans(soft((0, 1, "A", 0.5), (1, 2, "A", 9e-5)))) == {(0, 1, "A"): 0.5}


def test_coverage():
    found = soft((0, 3, "A", 0.5), (1, 2, "B", 0.25), (2, 4, "B", 0.125))
    sums = coverage(found.spans, found.probabilities, 5)
    np.testing.assert_allclose(sums, [0.5, 0.75, 0.625, 0.125, 0], atol=1e-12)
