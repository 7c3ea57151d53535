"""The label map, against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.label_map import LabelMap
from nerture.core.annotations.record import CharSpan, Record
from nerture.core.errors import Origin

OURS = LabelMap(("DRUG", "DOSE"), {"MEDICINE": "DRUG", "PILL": "DRUG", "CITY": None})
FILES = st.sampled_from(["DRUG", "DOSE", "MEDICINE", "PILL", "CITY", "DAY"])


@pytest.mark.parametrize(
    ("label", "ours"), [("MEDICINE", "DRUG"), ("CITY", None), ("DOSE", "DOSE"), ("DAY", "DAY")]
)
def test_a_label_keeps_its_name_unless_it_is_given_another_or_none(label, ours):
    assert OURS.map_label(label) == ours


def test_a_label_that_the_pipeline_does_not_have_is_refused_with_the_nearest():
    assert OURS.find_refusal("DRGU") == "'DRGU' is not a label of the pipeline; did you mean DRUG?"
    assert OURS.find_refusal("XYZZY") == "'XYZZY' is not a label of the pipeline; it has DRUG, DOSE"
    assert OURS.find_refusal("DOSE") is OURS.find_refusal(None) is None
    assert LabelMap((), {}).find_refusal("XYZZY") is None, "without labels, every label will do"


@given(st.frozensets(FILES), st.dictionaries(FILES, st.sampled_from(["DRUG", "DOSE", "DAY", None])))
def test_a_text_is_complete_for_a_label_when_it_is_for_all_that_become_it(complete, names):
    every = {"DRUG", "DOSE", "MEDICINE", "PILL", "CITY", "DAY"}
    mapped = LabelMap((), names)
    wanted = set()
    for ours in every:
        sources = {label for label in every if names.get(label, label) == ours}
        renamed = {label for label in sources if label in names}
        if sources & complete and renamed <= complete:
            wanted.add(ours)
    assert mapped.map_complete(complete) == wanted


def test_each_unknown_label_of_a_row_is_a_problem_with_its_place():
    spans = (CharSpan(0, 4, "PILL"), CharSpan(5, 9, "DAY"), CharSpan(5, 9, "CITY"))
    row = Record("pill days", Origin("x", 3), spans=spans, complete=frozenset({"DRGU", "CITY", "PILL"}))
    problems = list(OURS.find_problems(row))
    assert {problem.code for problem in problems} == {"unknown-label"}
    assert {str(problem.origin) for problem in problems} == {"x:3"}
    messages = [problem.message for problem in problems]
    assert len(messages) == 2
    assert "'DAY' is not a label of the pipeline" in messages[0]
    assert messages[1] == "complete: 'DRGU' is not a label of the pipeline; did you mean DRUG?"


def test_a_row_that_says_nothing_of_entities_has_no_problem():
    assert list(OURS.find_problems(Record("a", Origin("x", 1), complete=True))) == []
