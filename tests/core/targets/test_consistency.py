"""Contradictions within a target, and what it leaves open, against every set of entities of a short text."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings

from nerture.core.errors import ConflictError, DataError
from nerture.core.targets.consistency import MAX_ALTERNATIVES, alternatives, check_consistency
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span

from ...support.all_derivations import agrees
from ..lattice.test_derivations import targets

LABELS = ("A", "B")
DOC = Doc.from_words(["w0", "w1", "w2"])


def analyses(length):
    """Every set of entities of a text that do not overlap."""
    spans = [
        (start, end, label)
        for start in range(length)
        for end in range(start + 1, length + 1)
        for label in LABELS
    ]
    for count in range(length + 1):
        for chosen in combinations(spans, count):
            covered = [token for start, end, _ in chosen for token in range(start, end)]
            if len(covered) == len(set(covered)):
                yield chosen


def span(start, end, label="A"):
    return Span(start, end, label, doc=DOC)


@given(targets(3, LABELS, 3))
@settings(deadline=None)
def test_a_target_contradicts_itself_when_no_analysis_agrees_with_it(target):
    if any(agrees(found, target) for found in analyses(3)):
        check_consistency(target)
    else:
        with pytest.raises(ConflictError):
            check_consistency(target)


@given(targets(3, LABELS, 3))
@settings(deadline=None)
def test_alternatives_exclude_each_other_and_together_mean_the_same(target):
    try:
        check_consistency(target)
    except ConflictError:
        return
    variants = list(alternatives(target))
    assert all(variant.not_together == () for variant in variants)
    for found in analyses(3):
        assert sum(agrees(found, variant) for variant in variants) == agrees(found, target)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"spans": (span(0, 2), span(1, 3))}, "overlap, and both are accepted"),
        ({"spans": (span(0, 2),), "rejected": (span(0, 2),)}, "is both accepted and rejected"),
        ({"spans": (span(0, 2),), "outside": (1,)}, "'w1' in it is outside"),
        (
            {"spans": (span(0, 1), span(1, 2)), "not_together": ((span(0, 1), span(1, 2)),)},
            "are accepted, and said not to be all there",
        ),
    ],
)
def test_a_contradiction_is_named(known, message):
    with pytest.raises(ConflictError, match=message):
        check_consistency(Target(DOC, **known))


def test_groups_that_unfold_into_too_many_alternatives_are_refused():
    group = (span(0, 1), span(1, 2))
    groups = (group,) * MAX_ALTERNATIVES.bit_length()
    with pytest.raises(DataError, match=f"at most {MAX_ALTERNATIVES} combinations, got {2 ** len(groups)}"):
        list(alternatives(Target(DOC, complete=False, not_together=groups)))
