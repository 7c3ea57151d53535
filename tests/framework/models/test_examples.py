from __future__ import annotations

import pytest

from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.hosting.services import HostServices
from nerture.models.examples import as_target
from nerture.registry import Registry
from nerture.testing.samples import word_offsets


@pytest.fixture
def services():
    return HostServices.bare(Registry(), ("A", "B"), tokenizer=word_offsets)


def test_the_three_ways_to_write_an_example(services):
    row = as_target(
        {
            "text": "see Ann now",
            "spans": [{"start": 8, "end": 11, "label": "B"}, {"start": 4, "end": 7, "label": "A"}],
        },
        services,
    )
    pair = as_target(("see Ann now", {"entities": [(4, 7, "A"), (8, 11, "B")]}), services)
    assert row.spans == pair.spans
    assert [(span.start, span.end, span.label) for span in row.spans] == [(1, 2, "A"), (2, 3, "B")]
    assert row.complete is True
    target = Target(Doc.from_words(["a"]))
    assert as_target(target, services) is target


def test_completeness_is_the_examples_own(services):
    assert as_target({"text": "a", "spans": [], "complete": ["A"]}, services).complete == frozenset("A")
    assert as_target(("a", {"entities": [], "complete": False}), services).complete is False


@pytest.mark.parametrize(
    ("example", "message"),
    [
        (5, "expected a Target, .*got 5"),
        ("text", "expected a Target"),
        ({"text": "a"}, "expected a Target"),
        ({"text": "a", "spans": [{"start": 0}]}, "expected a Target"),
        ({"text": "a", "spans": 5}, "expected a Target"),
        (("a", {"entities": [(0, 1)]}), "expected a Target"),
        ({"text": None, "spans": []}, "text: expected a text, got NoneType"),
        (("ab cd", {"entities": [(1, 2, "A")]}), r"characters 1 to 2 \(A\) are not whole tokens of 'ab cd'"),
        (("ab cd", {"entities": [(3, 9, "A")]}), "not whole tokens"),
        (("ab cd", {"entities": [(-2, 2, "A")]}), "not whole tokens"),
        (("ab cd", {"entities": [("0", "2", "A")]}), "whole numbers"),
        (("ab cd", {"entities": [(0, 1.5, "A")]}), "whole numbers"),
        (("ab cd", {"entities": [(0, 2, "C")]}), "C 'ab'.*expected a label of A, B"),
        (("ab cd", {"entities": [(0, 2, ["A"])]}), "expected a label of A, B"),
        (("ab cd", {"entities": [(0, 5, "A"), (3, 5, "B")]}), "overlap"),
        ({"text": "a", "spans": [], "complete": 5}, "complete"),
        ({"text": "a", "spans": [], "complete": ["C"]}, "complete.*C"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(services, example, message):
    with pytest.raises(DataError, match=message):
        as_target(example, services)
