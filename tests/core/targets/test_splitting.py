from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.splitting import split_target
from nerture.core.targets.target import Belief, Target
from nerture.core.text.doc import Doc


@st.composite
def targets(draw):
    length = draw(st.integers(0, 40))
    doc = Doc.from_words([f"w{number}" for number in range(length)])

    def spans(overlap):
        found, end = [], 0
        for _ in range(draw(st.integers(0, 8))):
            start = draw(st.integers(0, length)) if overlap else end + draw(st.integers(0, 6))
            stop = start + draw(st.integers(1, 12))
            if stop <= length:
                found.append(doc.span(start, stop, draw(st.sampled_from("AB"))))
                end = stop
        return tuple(found)

    outside = draw(st.lists(st.integers(0, max(0, length - 1)), max_size=3)) if length else []
    groups = tuple(group for _ in range(draw(st.integers(0, 2))) if (group := spans(True)[:3]))
    beliefs = tuple(Belief(span, draw(st.sampled_from([0.25, 0.75]))) for span in spans(True)[:3])
    return Target(
        doc, spans(False), frozenset("A"), spans(True), tuple(outside), 0.5,
        not_together=groups, beliefs=beliefs, teacher=draw(st.none() | teachers(length)),
    )  # fmt: skip


@st.composite
def teachers(draw, length):
    bounds = draw(st.lists(st.tuples(st.integers(0, length), st.integers(1, 8)), max_size=6))
    spans = [(start, start + more, more % 2) for start, more in bounds if start + more <= length]
    probabilities = [draw(st.sampled_from([0.125, 0.25, 0.5])) for _ in spans]
    return SpanProbabilities(
        ("A", "B"),
        np.array(spans, dtype=np.int32).reshape(-1, 3),
        np.array(probabilities, dtype=np.float32),
    )


def located(target, base):
    """All spans and tokens of the targets, by their positions in the whole text."""

    def moved(spans):
        return [(span.start + base, span.end + base, span.label) for span in spans]

    return (
        moved(target.spans),
        moved(target.rejected),
        [token + base for token in target.outside],
        [tuple(moved(group)) for group in target.not_together],
        [(*moved([belief.span]), belief.probability) for belief in target.beliefs],
    )


def taught(target, base):
    """What the teacher says: spans by where they stand in the whole text, with their probabilities."""
    if target.teacher is None:
        return []
    assert target.teacher.labels == ("A", "B")
    assert target.teacher.spans.dtype == np.int32
    spans = np.add(target.teacher.spans, [base, base, 0]).tolist()
    return [(*span, p) for span, p in zip(spans, target.teacher.probabilities.tolist(), strict=True)]


def together(target):
    """Every place that a cut may not go through."""
    inside = set()
    groups = [[span] for span in (*target.spans, *target.rejected, *(b.span for b in target.beliefs))]
    for group in (*groups, *target.not_together):
        inside.update(range(min(span.start for span in group) + 1, max(span.end for span in group)))
    return inside


@settings(max_examples=200)
@given(targets(), st.integers(1, 15))
def test_pieces_make_up_the_text_and_lose_nothing(target, longest):
    pieces = list(split_target(target, longest))
    assert [word for piece in pieces for word in piece.doc.words] == target.doc.words
    base, found, ends, teacher = 0, ([], [], [], [], []), [], []
    for piece in pieces:
        for everywhere, here in zip(found, located(piece, base), strict=True):
            everywhere.extend(here)
        teacher.extend(taught(piece, base))
        groups = [span for group in piece.not_together for span in group]
        for span in (*piece.spans, *piece.rejected, *groups, *(belief.span for belief in piece.beliefs)):
            assert span.doc is piece.doc
            assert span.text == target.doc.span(span.start + base, span.end + base, span.label).text
        assert (piece.complete, piece.weight) == (target.complete, target.weight)
        base += len(piece.doc)
        ends.append(base)
    for everywhere, whole in zip(found, located(target, 0), strict=True):
        assert sorted(everywhere) == sorted(whole)
    whole = [item for item in taught(target, 0) if not any(item[0] < end < item[1] for end in ends)]
    assert sorted(teacher) == sorted(whole)


@settings(max_examples=200)
@given(targets(), st.integers(1, 15))
def test_a_piece_is_longer_only_where_spans_leave_no_place_to_cut(target, longest):
    inside = together(target)
    base = 0
    for piece in split_target(target, longest):
        assert len(piece.doc) or not len(target.doc)
        if len(piece.doc) > longest:
            assert set(range(base + 1, base + len(piece.doc))) <= inside
        base += len(piece.doc)
        assert base not in inside


@settings(max_examples=200)
@given(targets(), st.integers(2, 15))
def test_a_split_separates_what_the_teacher_finds_least_probable(target, longest):
    inside, base = together(target), 0
    for piece in list(split_target(target, longest))[:-1]:
        end = base + len(piece.doc)
        half = range((2 * base + longest) // 2 + 1, base + longest + 1)
        others = [place for place in half if place not in inside]
        if end in others:
            risks = [
                sum(p for start, stop, _, p in taught(target, 0) if start < place < stop) for place in others
            ]
            assert others.index(end) == max(
                number for number, risk in enumerate(risks) if risk == pytest.approx(min(risks))
            )
        else:
            assert not others
        base = end


def test_a_teachers_entity_stays_whole():
    doc = Doc.from_words([f"w{number}" for number in range(10)])
    spans = np.array([[4, 7, 0], [5, 6, 1]], dtype=np.int32)
    teacher = SpanProbabilities(("A", "B"), spans, np.array([0.9, 0.1], dtype=np.float32))
    first, second = split_target(Target(doc, complete=frozenset(), teacher=teacher), 6)
    assert (len(first.doc), len(second.doc)) == (4, 6)
    assert first.teacher.spans.shape == (0, 3)
    assert second.teacher.spans.tolist() == [[0, 3, 0], [1, 2, 1]]


def test_a_short_text_stays_as_it_is():
    target = Target(Doc.from_words(["one", "two"]))
    assert list(split_target(target, 2)) == [target]
