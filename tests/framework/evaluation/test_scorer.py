from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.evaluation.scorer import score

DOC = Doc.from_words(["a", "b", "c", "d", "e", "f"])
LABELS = ("A", "B")


def spans_of(*items):
    return tuple(DOC.span(*item) for item in items)


@st.composite
def analyses(draw, overlap=False):
    found, end = [], 0
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0 if overlap else end, 6))
        stop = start + draw(st.integers(1, 3))
        if stop <= 6:
            found.append(DOC.span(start, stop, draw(st.sampled_from("AB"))))
            end = stop
    return tuple(dict.fromkeys(found))


@st.composite
def targets(draw):
    complete = draw(st.booleans() | st.frozensets(st.sampled_from("AB")))
    spans, outside = draw(analyses()), draw(st.lists(st.integers(0, 5), max_size=2))
    rejected = tuple(span for span in draw(analyses(overlap=True)) if span not in spans)
    return Target(DOC, spans, complete, rejected, tuple(outside))


def naive(pairs, label):
    """Counts of one label (None: of all): right, predicted where it is known, known."""
    right = predicted = known = 0
    for target, found in pairs:
        gold = {(s.start, s.end, s.label) for s in target.spans}
        covered = {token for s in target.spans for token in range(s.start, s.end)} | set(target.outside)
        known += sum(label in (None, item[2]) for item in gold)
        for span in found:
            if label not in (None, span.label):
                continue
            item = (span.start, span.end, span.label)
            whole = target.complete is True or (target.complete and span.label in target.complete)
            rejected = item in {(s.start, s.end, s.label) for s in target.rejected}
            touches = any(token in covered for token in range(span.start, span.end))
            if item in gold or whole or rejected or touches:
                predicted += 1
                right += item in gold
    return right, predicted, known


@given(st.lists(st.tuples(targets(), analyses()), max_size=4))
def test_counts_are_those_of_a_naive_count(pairs):
    report = score([target for target, _ in pairs], [found for _, found in pairs], LABELS)
    for label, counts in [(None, report.total), *report.per_label.items()]:
        assert (counts.right, counts.predicted, counts.known) == naive(pairs, label)
        right, predicted, known = naive(pairs, label)
        precision = right / predicted if predicted else 0
        recall = right / known if known else 0
        assert (counts.precision, counts.recall) == (precision, recall)
        both = precision + recall
        assert counts.f1 == pytest.approx(2 * precision * recall / both if both else 0)


GOLD = Target(DOC, spans_of((0, 2, "A"), (3, 4, "B")))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], (0, 0, 0)),
        ([(0, 2, "A"), (3, 4, "B")], (1, 1, 1)),
        ([(0, 2, "A")], (1, 0.5, 2 / 3)),
        ([(0, 2, "B")], (0, 0, 0)),  # the right bounds with another label
        ([(0, 1, "A"), (3, 4, "B")], (0.5, 0.5, 0.5)),
        ([(0, 2, "A"), (3, 4, "B"), (4, 5, "B")], (2 / 3, 1, 0.8)),
    ],
)
def test_by_hand(found, expected):
    report = score([GOLD], [spans_of(*found)], LABELS)
    assert (report.total.precision, report.total.recall, report.f1) == pytest.approx(expected)


def test_what_is_not_known_does_not_count():
    partial = Target(DOC, spans_of((0, 2, "A")), frozenset("B"), rejected=spans_of((4, 5, "A")), outside=(3,))
    counted = {
        (0, 2, "A"): True,  # known to be right
        (1, 3, "A"): True,  # overlaps a known span
        (2, 4, "A"): True,  # covers a token known to be outside
        (4, 5, "A"): True,  # rejected
        (4, 6, "A"): False,  # who knows
        (4, 5, "B"): True,  # complete for B
    }
    for item, counts in counted.items():
        assert score([partial], [spans_of(item)], LABELS).total.predicted == int(counts), item


def test_the_report_as_programs_see_it():
    report = score(
        [GOLD, Target(Doc.from_words(["x"]))], [spans_of((0, 2, "A")), ()], (*LABELS, "C"), seconds=2.0
    )
    assert report.as_dict() == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "per_label": {
            "A": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1},
            "B": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
            "C": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0},
        },
        "ece": None,
        "brier": None,
        "reliability": None,
        "texts": 2,
        "words": 7,
        "words_per_second": 3.5,
    }


def test_scores_of_the_spans_that_count_are_compared_with_what_is_right():
    partial = Target(DOC, spans_of((0, 2, "A")), frozenset("B"))
    scored = [DOC.span(0, 2, "A", 0.75), DOC.span(3, 4, "B", 0.5), DOC.span(4, 6, "A", 0.9)]
    report = score([partial, GOLD], [scored, [DOC.span(3, 4, "B", 0.25)]], LABELS).as_dict()
    assert report["brier"] == pytest.approx((0.25**2 + 0.5**2 + 0.75**2) / 3), "nobody knows of the third"
    assert report["ece"] == pytest.approx((0.25 + 0.5 + 0.75) / 3)
    assert [part["count"] for part in report["reliability"]] == [0, 0, 1, 0, 0, 1, 0, 1, 0, 0]


def test_spans_without_a_score_leave_nothing_to_compare():
    for spans in ([DOC.span(0, 2, "A", 0.75), DOC.span(3, 4, "B")], spans_of((0, 2, "A"))):
        assert score([GOLD], [spans], LABELS).reliability is None


def test_a_prediction_for_each_text_is_wanted():
    with pytest.raises(ValueError, match="shorter"):
        score([GOLD, GOLD], [()], LABELS)
