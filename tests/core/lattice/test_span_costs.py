from __future__ import annotations

import pytest

from nerture.core.errors import DataError, Origin
from nerture.core.lattice.span_costs import target_costs
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc

DOC = Doc.from_words(["a", "b", "c", "d", "e", "f"])


def cost(costs, start, end, label=0):
    return int(costs[start, end - start - 1, label])


def test_costs_of_a_full_target():
    costs = target_costs(Target(DOC, (DOC.span(1, 3, "A"),)), ("A", "B"), 3)
    assert costs.shape == (6, 3, 2)
    assert cost(costs, 1, 3) == -1
    assert cost(costs, 1, 3, 1) == 1
    assert cost(costs, 0, 1) == 1


def test_what_is_not_complete_is_unknown():
    target = Target(DOC, (DOC.span(1, 3, "A"),), frozenset("B"), (DOC.span(4, 5, "A"),), (5,))
    costs = target_costs(target, ("A", "B"), 3)
    assert cost(costs, 1, 3) == -1
    assert cost(costs, 0, 1) == 0
    assert cost(costs, 0, 1, 1) == 1
    assert cost(costs, 4, 5) == 1
    assert cost(costs, 4, 6) == 1, "token 5 is outside"
    assert cost(costs, 3, 5) == 0


def test_a_span_too_long_to_learn_leaves_its_tokens_unknown():
    """Nothing that overlaps it is wrong; everything else stays known, its neighbours too."""
    target = Target(DOC, (DOC.span(0, 1, "A"), DOC.span(1, 5, "A")))
    costs = target_costs(target, ("A",), 3)
    for start in range(6):
        for end in range(start + 1, min(start + 3, 6) + 1):
            overlaps = start < 5 and end > 1
            expected = 0 if overlaps else -1 if (start, end) == (0, 1) else 1
            assert cost(costs, start, end) == expected, (start, end)


def test_an_unknown_label_is_an_error_that_names_the_line():
    target = Target(DOC, (DOC.span(0, 1, "C"),), origin=Origin("gold.jsonl", 7))
    with pytest.raises(DataError, match=r"gold\.jsonl:7: C 'a'.*A, B"):
        target_costs(target, ("A", "B"), 3)


def test_an_empty_text():
    assert target_costs(Target(Doc.from_words([])), ("A",), 3).shape == (0, 3, 1)
