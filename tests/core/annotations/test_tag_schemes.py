from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.tag_schemes import is_tag, spans_to_tags, tags_to_spans

A, B = "A", "B"


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("O O", []),
        ("B-A I-A O", [(0, 2, A)]),
        ("B-A B-A", [(0, 1, A), (1, 2, A)]),
        ("I-A I-A O I-B", [(0, 2, A), (3, 4, B)]),
        ("I-A I-B", [(0, 1, A), (1, 2, B)]),
        ("B-A I-B I-B", [(0, 1, A), (1, 3, B)]),
        ("U-A B-A L-A", [(0, 1, A), (1, 3, A)]),
        ("S-A B-A I-A E-A", [(0, 1, A), (1, 4, A)]),
        ("L-A I-A", [(0, 1, A), (1, 2, A)]),
        ("E-A O", [(0, 1, A)]),
        ("B-A I-A", [(0, 2, A)]),
        ("B-creative-work I-creative-work", [(0, 2, "creative-work")]),
        ("", []),
    ],
)
def test_auto_reads_tags_as_the_shared_tasks_score_them(tags, spans):
    assert tags_to_spans(tags.split()) == (spans, [])


@pytest.mark.parametrize(
    ("scheme", "tags", "places"),
    [
        ("bio", "B-A I-A O B-B", []),
        ("bio", "O I-A", [1]),
        ("bio", "B-A I-B", [1]),
        ("bio", "U-A", [0]),
        ("iob1", "I-A I-A O I-B", []),
        ("iob1", "I-A B-A I-A", []),
        ("iob1", "B-A", [0]),
        ("iob1", "I-A B-B", [1]),
        ("biluo", "B-A I-A L-A U-B O", []),
        ("biluo", "B-A E-A S-B", []),
        ("biluo", "B-A O", [1]),
        ("biluo", "B-A U-A", [1]),
        ("biluo", "B-A B-A L-A", [1]),
        ("biluo", "O L-A", [1]),
        ("biluo", "B-A L-B", [1]),
        ("biluo", "O B-A", [1]),
        ("auto", "B-A foo O", [1]),
        ("bio", "B- b-A X-A B", [0, 1, 2, 3]),
    ],
)
def test_named_schemes_refuse_what_they_do_not_allow(scheme, tags, places):
    _, bad = tags_to_spans(tags.split(), scheme)
    assert [tag.token for tag in bad] == places


def test_messages():
    (bad,) = tags_to_spans(["O", "I-A"], "bio")[1]
    assert bad.message == "I-A after O: I must follow B or I of its label (scheme bio)"
    (bad,) = tags_to_spans(["B-A"], "biluo")[1]
    assert bad.message == "at the end of the text: B-A must be followed by I or L of its label (scheme biluo)"
    (bad,) = tags_to_spans(["x"])[1]
    assert bad.message == "tag: expected O or B-, I-, L-, U-, E-, S-LABEL, got 'x'"


@pytest.mark.parametrize(
    ("tag", "good"),
    [("O", True), ("B-X", True), ("E-a b", True), ("B-", False), ("", False), ("O-X", False), ("BX", False)],
)
def test_is_tag(tag, good):
    assert is_tag(tag) is good


@st.composite
def annotated(draw):
    length = draw(st.integers(0, 12))
    edges = sorted(draw(st.sets(st.integers(0, length))))
    spans = [
        (start, end, draw(st.sampled_from([A, B, "x-y"])))
        for start, end in pairwise(edges)
        if draw(st.booleans())
    ]
    return length, spans


@given(annotated(), st.sampled_from(["bio", "biluo"]))
def test_round_trip(case, scheme):
    length, spans = case
    tags = spans_to_tags(length, spans, scheme)
    assert len(tags) == length
    assert tags_to_spans(tags, scheme) == (spans, [])
    assert tags_to_spans(tags, "auto") == (spans, [])


@given(annotated())
def test_iob1_round_trip(case):
    length, spans = case
    tags = spans_to_tags(length, spans, "bio")
    follows = {(end, label) for _, end, label in spans}
    for start, _, label in spans:
        if (start, label) not in follows:
            tags[start] = f"I-{label}"
    assert tags_to_spans(tags, "iob1") == (spans, [])
    assert tags_to_spans(tags, "auto") == (spans, [])


def conlleval(tags):
    """The shared task's rules, written as its script has them: where a chunk ends, where one starts."""
    chunks, start, before, kind = [], None, "O", ""
    for index, tag in enumerate([*tags, "O"]):
        mark, label = (tag[0], tag[2:]) if tag != "O" else ("O", "")
        mark = {"U": "S", "L": "E"}.get(mark, mark)
        ends = (before in "BI" and (mark in "BSO" or label != kind)) or before in "ES"
        starts = mark in "BS" or (mark in "EI" and (before in "ESO" or label != kind))
        if start is not None and ends:
            chunks.append((start, index, kind))
            start = None
        if starts:
            start = index
        before, kind = mark, label
    return chunks


MARKS = st.sampled_from(["O", *(f"{mark}-{label}" for mark in "BILUES" for label in "AB")])


@given(st.lists(MARKS, max_size=10))
def test_auto_agrees_with_the_shared_tasks_script(tags):
    assert tags_to_spans(tags)[0] == conlleval(tags)
