"""Independent probabilities conditioned on being an analysis, against all sequences and all sets."""

from __future__ import annotations

from itertools import combinations, product
from math import prod

import numpy as np
import pytest

from nerture.core.annotations.tag_schemes import tags_to_spans
from nerture.core.errors import DataError
from nerture.core.lattice.conditioning import condition_spans, condition_tags
from nerture.core.targets.span_probabilities import SpanProbabilities


def as_dict(found):
    return {
        (start, end, found.labels[label]): probability
        for (start, end, label), probability in zip(
            found.spans.tolist(), found.probabilities.tolist(), strict=True
        )
    }


def close(found, wanted):
    keys = found.keys() | wanted.keys()
    assert {key: found.get(key, 0) for key in keys} == pytest.approx(
        {key: wanted.get(key, 0) for key in keys}
    )


def by_sequences(tags, table, scheme):
    """Every sequence of tags, one by one; those that the scheme refuses do not count."""
    total, sums = 0.0, {}
    for chosen in product(range(len(tags)), repeat=len(table)):
        names = [tags[column] for column in chosen]
        spans, bad = tags_to_spans(names, scheme)
        if not bad:
            weight = prod(table[token, column] for token, column in enumerate(chosen))
            total += weight
            for span in spans:
                sums[span] = sums.get(span, 0.0) + weight
    return {span: weight / total for span, weight in sums.items()}


SCHEMES = [
    ("bio", ["O", "B-A", "I-A", "B-B", "I-B"]),
    ("bio", ["I-A", "B-A", "O"]),
    ("bio", ["O", "B-A"]),
    ("biluo", ["O", "B-A", "I-A", "L-A", "U-A"]),
    ("biluo", ["B-A", "E-A", "S-A", "I-A", "O", "S-B"]),
]


@pytest.mark.parametrize(("scheme", "tags"), SCHEMES)
@pytest.mark.parametrize("length", [1, 2, 4])
def test_tags_are_conditioned_on_marking_spans(scheme, tags, length):
    table = np.random.default_rng(length).dirichlet(np.ones(len(tags)), length)
    close(as_dict(condition_tags(tags, table)), by_sequences(tags, table, scheme))


def test_tags_of_probability_0_are_impossible():
    tags = ["O", "B-A", "I-A"]
    table = np.array([[0, 1, 0], [0.5, 0, 0.5], [0.75, 0, 0.25]])
    close(as_dict(condition_tags(tags, table)), by_sequences(tags, table, "bio"))


def test_an_empty_text_has_no_spans():
    assert as_dict(condition_tags(["O", "B-A"], np.empty((0, 2)))) == {}


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (["B-A", "I-A"], "expected a tag O, got none"),
        (["O", "I-A"], "expected a tag B-A, got none"),
        (["O", "B-A", "B-A"], "got B-A twice"),
        (["O", "B-A", "E-A", "L-A"], "got L-A twice, or under two names"),
    ],
)
def test_tags_that_are_no_scheme_are_refused(tags, message):
    with pytest.raises(DataError, match=message):
        condition_tags(tags, np.full((2, len(tags)), 1 / len(tags)))


def test_tags_that_cannot_mark_spans_are_refused():
    with pytest.raises(DataError, match="every sequence of tags that forms spans has probability 0"):
        condition_tags(["O", "B-A", "I-A"], np.array([[1.0, 0, 0], [0, 0, 1]]))


def independent(rows, labels=("A", "B")):
    spans = np.array([row[:3] for row in rows], np.int32).reshape(-1, 3)
    return SpanProbabilities(labels, spans, np.array([row[3] for row in rows], np.float32))


def by_sets(rows, labels=("A", "B")):
    """Every set of spans, one by one; those with two that overlap do not count."""
    total, sums = 0.0, {}
    for count in range(len(rows) + 1):
        for chosen in combinations(rows, count):
            if any(a[0] < b[1] and b[0] < a[1] for a, b in combinations(chosen, 2)):
                continue
            weight = prod(row[3] if row in chosen else 1 - row[3] for row in rows)
            total += weight
            for start, end, label, _ in chosen:
                key = start, end, labels[label]
                sums[key] = sums.get(key, 0.0) + weight
    return {span: weight / total for span, weight in sums.items()}


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 1, 0, 0.3)],
        [(0, 1, 0, 0.9), (0, 1, 1, 0.8)],
        [(0, 2, 0, 0.9), (1, 3, 1, 0.7), (2, 4, 0, 0.6), (4, 5, 0, 0.1), (0, 5, 1, 0.5)],
    ],
)
def test_spans_are_conditioned_on_not_overlapping(rows):
    close(as_dict(condition_spans(independent(rows), 5)), by_sets(rows))


def test_the_most_probable_row_of_a_span_counts():
    rows = [(0, 1, 0, 0.3), (0, 1, 0, 0.9), (0, 2, 0, 0.2)]
    close(as_dict(condition_spans(independent(rows), 2)), by_sets(rows[1:]))


def test_certain_and_impossible_spans():
    found = as_dict(condition_spans(independent([(0, 1, 0, 1.0), (0, 2, 0, 0.5), (2, 3, 0, 0.0)]), 3))
    assert found[0, 1, "A"] == pytest.approx(1, abs=1e-4)
    assert found.get((0, 2, "A"), 0) < 1e-4
    assert found.get((2, 3, "A"), 0) == 0
    assert as_dict(condition_spans(independent([]), 3)) == {}
