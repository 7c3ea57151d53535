from __future__ import annotations

import pytest

from nerture.evaluation.scorer import Counts, Report
from nerture.training.forgetting import find_f1_drops


def report(**counts):
    return Report(per_label={label: Counts(*numbers) for label, numbers in counts.items()})


def fell(before, after):
    """Of right, predicted and known spans of one label."""
    return [fall.label for fall in find_f1_drops(report(A=before), report(A=after), ["A"])]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((800, 1000, 1000), (786, 1000, 1000), True),  # by 1.4 points; the error is 1.3
        ((800, 1000, 1000), (788, 1000, 1000), False),  # by 1.2
        ((80, 100, 100), (77, 100, 100), False),  # by 3 points; the error is 4.1
        ((80, 100, 100), (75, 100, 100), True),
        ((8, 10, 10), (7, 10, 10), False),  # one span of ten
        ((10, 10, 10), (9, 9, 10), True),  # by 5.3 points, from no mistake at all; the error is 5.1
        ((80_000, 100_000, 100_000), (79_100, 100_000, 100_000), False),  # less than a point, however sure
        ((0, 0, 10), (0, 0, 10), False),
        ((0, 5, 0), (0, 50, 0), False),  # nothing is known of it
        ((70, 100, 100), (80, 100, 100), False),
        ((80, 100, 100), (0, 0, 100), True),
    ],
)
def test_a_fall_is_more_than_chance_and_more_than_a_point(before, after, expected):
    assert (fell(before, after) == ["A"]) is expected


def test_only_the_labels_asked_for_are_judged():
    before = report(A=(9, 10, 10), B=(9, 10, 10))
    after = report(A=(1, 10, 10), B=(1, 10, 10), new=(1, 1, 1))
    (fall,) = find_f1_drops(before, after, ["B"])
    assert (fall.label, fall.before, fall.after) == ("B", 0.9, 0.1)
