"""The steps that a target allows, against a check of every derivation by the definition of `Target`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.errors import ConflictError, DataError
from nerture.core.lattice.constraint_masks import make_constraint_masks
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span

from ...support.all_derivations import agrees
from ...support.lattice_paths import all_paths
from .test_derivations import targets

LABELS = ("A", "B")


@st.composite
def questions(draw):
    length, longest = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    return draw(targets(length, LABELS, longest)), longest


def paths_of(outside, segments):
    """The entities of each path of allowed steps."""
    weights = [np.where(allowed, 0.0, -np.inf) for allowed in (outside, segments)]
    return [
        tuple((start, end, LABELS[label]) for start, end, label in path) for _, path in all_paths(*weights)
    ]


@given(questions())
@settings(deadline=None)
def test_the_masks_contain_each_agreeing_derivation_exactly_once(question):
    target, longest = question
    length = len(target.doc)
    everything = paths_of(np.ones(length, bool), np.ones((length, longest, len(LABELS)), bool))
    wanted = [spans for spans in everything if agrees(spans, target)]
    try:
        allowed = make_constraint_masks(target, LABELS, longest)
    except ConflictError:
        assert wanted == []
        return
    assert sorted(path for steps in allowed for path in paths_of(*steps)) == sorted(wanted)


def test_about_the_tokens_of_a_span_that_is_too_long_nothing_is_known():
    doc = Doc.from_words(["a", "b", "c", "d"])
    [(outside, segments)] = make_constraint_masks(Target(doc, (Span(0, 3, "A", doc=doc),), True), LABELS, 2)
    free = Target(Doc.from_words(["a", "b", "c"]), complete=False)
    [everything] = make_constraint_masks(free, LABELS, 2)
    found = {spans for spans in paths_of(outside, segments) if not any(end > 3 for _, end, _ in spans)}
    assert found == set(paths_of(*everything)), "in the span anything may be"
    assert not segments[3].any(), "behind it every entity is known"


def test_a_label_that_the_learner_does_not_have_is_refused():
    doc = Doc.from_words(["a"])
    with pytest.raises(DataError, match="expected one of the learner's labels, A, B"):
        make_constraint_masks(Target(doc, (Span(0, 1, "C", doc=doc),)), LABELS, 2)
