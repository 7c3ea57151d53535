"""Merging against brute force: every set of entities of a short text, in characters."""

from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nerture.core.errors import ConflictError, DataError, Origin
from nerture.core.lattice.derivations import Derivations
from nerture.core.targets.consistency import check_consistency
from nerture.core.targets.merging import merge
from nerture.core.targets.retokenization import find_common_tokens
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Belief, Target
from nerture.core.text.doc import Doc, Span

TEXT = "abcde"
LABELS = ("A", "B")
LETTERS = Doc.from_offsets(TEXT, [(i, i + 1) for i in range(5)])
CUTS = [
    LETTERS,
    LETTERS,
    Doc.from_offsets(TEXT, [(0, 2), (2, 5)]),
    Doc.from_offsets(TEXT, [(0, 1), (1, 4)]),
    Doc.from_offsets(TEXT, [(0, 3), (4, 5)]),
]


@cache
def analyses(tokens):
    """Every set of entities, (start_char, end_char, label), on tokens (start_char, end_char)."""
    if not tokens:
        return [frozenset()]
    found = list(analyses(tokens[1:]))
    for count in range(1, len(tokens) + 1):
        for label in LABELS:
            span = (tokens[0][0], tokens[count - 1][1], label)
            found += [rest | {span} for rest in analyses(tokens[count:])]
    return found


def chars(spans):
    return {(span.start_char, span.end_char, span.label) for span in spans}


def find_agreeing(target, doc):
    """Return the analyses on the doc's tokens that agree with the target, by the definition of `Target`."""
    there, rejected, groups = (
        chars(target.spans),
        chars(target.rejected),
        list(map(chars, target.not_together)),
    )
    outside = {char for token in target.outside for char in range(*target.doc.offsets[token].tolist())}
    return {
        analysis
        for analysis in analyses(tuple(map(tuple, doc.offsets.tolist())))
        if there <= analysis
        and not rejected & analysis
        and not any(group <= analysis for group in groups)
        and not any(target.is_complete_for(label) for _, _, label in analysis - there)
        and not any(outside.intersection(range(start, end)) for start, end, _ in analysis)
    }


@st.composite
def statements(draw, docs=(LETTERS,), most=2):
    doc = draw(st.sampled_from(docs))

    def span():
        start = draw(st.integers(0, len(doc) - 1))
        return Span(start, draw(st.integers(start + 1, len(doc))), draw(st.sampled_from(LABELS)), doc=doc)

    def some(count):
        return tuple(span() for _ in range(draw(st.integers(0, count))))

    target = Target(
        doc,
        spans=some(most),
        complete=draw(st.sampled_from([frozenset(), False, True, {"A"}, {"B"}, {"A", "B"}])),
        rejected=some(most),
        outside=tuple(draw(st.sets(st.integers(0, len(doc) - 1), max_size=1))),
        not_together=tuple(group for group in (some(3), some(2)) if group),
    )
    try:
        check_consistency(target)
    except ConflictError:
        assume(False)
    return target


def number_origins(several):
    return [
        Target(
            one.doc, one.spans, one.complete, one.rejected, one.outside,
            origin=Origin("a.jsonl", line), not_together=one.not_together,
        )
        for line, one in enumerate(several, start=1)
    ]  # fmt: skip


def check_against_brute_force(several):
    merged = merge(number_origins(several), LABELS)
    target = merged.target
    check_consistency(target)
    left = find_agreeing(target, target.doc)
    assert left, "the merged target cannot be fulfilled"
    each = [find_agreeing(one, target.doc) for one in several]
    common = set.intersection(*each)
    assert bool(merged.conflicts) == (not common)
    if common:
        assert left == common
    assert left <= each[-1], "the newest statement lost a part"
    for conflict in merged.conflicts:
        assert conflict.newer.line > conflict.older.line
        assert str(conflict.older) in conflict.message
    assert target.spans == tuple(sorted(target.spans, key=lambda span: span.start))
    assert all(span.doc is target.doc for span in (*target.spans, *target.rejected))


@given(st.lists(statements(), min_size=1, max_size=4))
def test_one_tokenization(several):
    check_against_brute_force(several)


@given(st.lists(statements(CUTS, most=1), min_size=2, max_size=4))
def test_several_tokenizations(several):
    check_against_brute_force(several)


@given(statements(), statements())
def test_nothing_is_lost_that_does_not_contradict(older, newer):
    target = merge(number_origins([older, newer]), LABELS).target
    left, possible = find_agreeing(target, LETTERS), find_agreeing(newer, LETTERS)
    in_groups = {span for group in newer.not_together for span in group}
    for span in set(older.spans) - in_groups:
        if any(chars([span]) <= analysis for analysis in possible):
            assert span in target.spans
    for span in set(older.rejected) - set(newer.spans):
        assert not any(chars([span]) <= analysis for analysis in left)
    covered = {token for span in newer.spans for token in range(span.start, span.end)}
    assert set(older.outside) - covered <= set(target.outside)
    for label in LABELS:
        if newer.is_complete_for(label):
            assert target.is_complete_for(label)
        elif older.is_complete_for(label):
            borne_out = {s for s in target.spans if s.label == label} == {
                s for s in older.spans if s.label == label
            }
            assert target.is_complete_for(label) == borne_out


@given(st.lists(statements(), min_size=1, max_size=3))
def test_order_does_not_matter_without_conflict(several):
    merged = merge(number_origins(several), LABELS)
    assume(not merged.conflicts)
    backwards = merge(number_origins(several[::-1]), LABELS).target
    assert find_agreeing(merged.target, LETTERS) == find_agreeing(backwards, LETTERS)


@given(st.lists(statements(), min_size=2, max_size=3))
def test_the_lattice_takes_what_is_merged(several):
    rng = np.random.default_rng(0)
    lattice = Derivations(rng.normal(size=(5, 5)), rng.normal(size=(5, 4, 4)), LABELS)
    target = merge(number_origins(several), LABELS).target
    assert -np.inf < lattice.log_mass(target) <= 1e-9


def make_statement(line, doc=LETTERS, **parts):
    made = {
        name: tuple(doc.span(*span) for span in parts[name])
        for name in ("spans", "rejected")
        if name in parts
    }
    groups = tuple(tuple(doc.span(*span) for span in group) for group in parts.get("groups", ()))
    return Target(
        doc, made.get("spans", ()), parts.get("complete", frozenset()), made.get("rejected", ()),
        parts.get("outside", ()), origin=Origin("a.jsonl", line), not_together=groups,
    )  # fmt: skip


def list_conflicts(*statements, labels=LABELS):
    return [str(conflict) for conflict in merge(statements, labels).conflicts]


BC = (1, 3, "A")


@pytest.mark.parametrize(
    ("older", "newer", "message"),
    [
        (
            {"rejected": [BC]}, {"spans": [BC]},
            "accepts A 'bc' (characters 1 to 3), which a.jsonl:3 rejects",
        ),
        (
            {"spans": [BC]}, {"rejected": [BC]},
            "rejects A 'bc' (characters 1 to 3), which a.jsonl:3 accepts",
        ),
        (
            {"spans": [BC]}, {"spans": [(2, 4, "A")]},
            "accepts A 'cd' (characters 2 to 4), which overlaps A 'bc' (characters 1 to 3), "
            "which a.jsonl:3 accepts",
        ),
        (
            {"spans": [BC]}, {"spans": [(1, 3, "B")]},
            "accepts B 'bc' (characters 1 to 3), which overlaps A 'bc' (characters 1 to 3), "
            "which a.jsonl:3 accepts",
        ),
        (
            {"spans": [BC]}, {"outside": (0, 1, 2)},
            "says that 'b' is outside, but it is in A 'bc' (characters 1 to 3), which a.jsonl:3 accepts",
        ),
        (
            {"outside": (0, 1, 2)}, {"spans": [BC]},
            "accepts A 'bc' (characters 1 to 3), but a.jsonl:3 says that 'b' in it is outside",
        ),
        (
            {"spans": [BC, (3, 4, "B")]}, {"groups": [[BC, (3, 4, "B")]]},
            "says that A 'bc' (characters 1 to 3) and B 'd' (characters 3 to 4) are not all there, "
            "but a.jsonl:3 accepts A 'bc' (characters 1 to 3) and B 'd' (characters 3 to 4)",
        ),
        (
            {"groups": [[BC, (3, 4, "B")]]}, {"spans": [BC, (3, 4, "B")]},
            "accepts A 'bc' (characters 1 to 3) and B 'd' (characters 3 to 4), but a.jsonl:3 says that "
            "A 'bc' (characters 1 to 3) and B 'd' (characters 3 to 4) are not all there",
        ),
        (
            {"spans": [BC], "groups": [[BC, (3, 4, "B")]]}, {"spans": [(3, 4, "B")]},
            "accepts B 'd' (characters 3 to 4), but a.jsonl:3 says that "
            "A 'bc' (characters 1 to 3) and B 'd' (characters 3 to 4) are not all there",
        ),
        (
            {"spans": [BC]}, {"complete": True},
            "has all entities of A without A 'bc' (characters 1 to 3), which a.jsonl:3 accepts",
        ),
        (
            {"complete": {"A"}}, {"spans": [BC]},
            "accepts A 'bc' (characters 1 to 3), but a.jsonl:3 has all entities of A without it",
        ),
    ],
)  # fmt: skip
def test_messages(older, newer, message):
    assert list_conflicts(make_statement(3, **older), make_statement(7, **newer)) == [
        f"a.jsonl:7: {message}; the newer counts"
    ]


def test_a_repeated_statement_is_no_conflict():
    parts = {"spans": [BC], "rejected": [(3, 4, "B")], "outside": (0,), "complete": {"A"}}
    merged = merge([make_statement(1, **parts), make_statement(2, **parts), make_statement(3, **parts)])
    assert (merged.conflicts, merged.target.spans) == ((), (LETTERS.span(*BC),))
    assert merged.target.origin == Origin("a.jsonl", 1)


def test_the_result_is_complete_only_where_a_statement_is():
    for complete in ({"A"}, {"A", "B"}, frozenset(), True):
        assert (
            merge([make_statement(1, complete=complete), make_statement(2)], LABELS).target.complete
            == complete
        )
    assert merge([make_statement(1, complete=False)], LABELS).target.complete == frozenset()
    assert merge([make_statement(1, complete={"A"}), make_statement(2, complete={"B"})]).target.complete == {
        "A",
        "B",
    }


def test_a_statement_that_lost_a_span_is_complete_no_longer():
    complete = make_statement(1, spans=[BC, (3, 4, "B")], complete=True)
    merged = merge([complete, make_statement(2, rejected=[BC])], LABELS)
    assert merged.target.spans == (LETTERS.span(3, 4, "B"),)
    assert merged.target.complete == {"B"}
    assert [conflict.message for conflict in merged.conflicts] == [
        "rejects A 'bc' (characters 1 to 3), which a.jsonl:1 accepts; the newer counts",
        "does not have A 'bc' (characters 1 to 3), so a.jsonl:1, which accepts it, is no longer complete for "
        "A; the newer counts",
    ]
    assert merge([complete, make_statement(2, rejected=[BC])]).target.complete == {"B"}
    whole = merge([complete, make_statement(2, rejected=[(0, 1, "A")])]).target
    assert whole.complete is True


def test_a_newer_complete_statement_takes_the_place_of_an_older_one():
    merged = merge(
        [make_statement(1, spans=[BC], complete=True), make_statement(2, spans=[(0, 1, "A")], complete=True)]
    )
    assert merged.target.spans == (LETTERS.span(0, 1, "A"),)
    assert merged.target.complete is True
    assert [conflict.message.split(",")[0] for conflict in merged.conflicts] == [
        "has all entities of A without A 'bc' (characters 1 to 3)",
        "accepts A 'a' (characters 0 to 1)",
    ]


def test_groups_are_reduced_to_what_is_still_open():
    def left(*statements):
        target = merge(statements, LABELS).target
        return target.rejected, target.not_together

    pair = make_statement(1, groups=[[BC, (3, 4, "B")]])
    bc, d = LETTERS.span(*BC), LETTERS.span(3, 4, "B")
    assert left(pair) == ((), ((bc, d),))
    assert left(pair, make_statement(2, spans=[BC])) == ((d,), ())
    assert left(pair, make_statement(2, rejected=[BC])) == ((bc,), ())
    assert left(pair, make_statement(2, outside=(3,))) == ((), ())
    assert left(pair, make_statement(2, complete={"B"})) == ((), ())
    assert left(pair, make_statement(2, groups=[[(3, 4, "B"), BC, BC]])) == ((), ((bc, d),))


def test_soft_knowledge_is_kept():
    bc = LETTERS.span(*BC)
    old = SpanProbabilities(("A",), np.array([[1, 2, 0]], np.int32), np.array([0.5], np.float32))
    coarse = Doc.from_offsets(TEXT, [(0, 1), (1, 3), (3, 5)])
    new = SpanProbabilities(("A",), np.array([[1, 3, 0]], np.int32), np.array([0.5], np.float32))
    merged = merge([
        Target(LETTERS, complete=False, beliefs=(Belief(bc, 0.8),), teacher=old),
        Target(coarse, complete=False, beliefs=(Belief(coarse.span(0, 1, "A"), 0.3),), teacher=new),
        Target(LETTERS, complete=False, weight=2.0),
    ]).target  # fmt: skip
    assert merged.beliefs == (Belief(bc, 0.8), Belief(LETTERS.span(0, 1, "A"), 0.3))
    assert merged.teacher.spans.tolist() == [[1, 5, 0]]
    assert new.spans.tolist() == [[1, 3, 0]]
    assert merged.weight == 2.0


def test_what_cannot_be_merged():
    with pytest.raises(ConflictError, match=r"a\.jsonl:4: A 'bc' .* is both accepted and rejected"):
        merge([make_statement(3), make_statement(4, spans=[BC], rejected=[BC])])
    with pytest.raises(DataError, match=r"a\.jsonl:4: not the text of a\.jsonl:3"):
        merge([make_statement(3), make_statement(4, Doc.from_words(["other"]))])


@given(st.lists(st.sampled_from(CUTS), min_size=1, max_size=4))
def test_find_common_tokens(docs):
    got = find_common_tokens([doc.offsets for doc in docs])
    cuts = {edge for doc in docs for edge in doc.offsets.ravel().tolist()}
    covered = {char for doc in docs for start, end in doc.offsets.tolist() for char in range(start, end)}
    assert [char for start, end in got.tolist() for char in range(start, end)] == sorted(covered)
    assert set(got.ravel().tolist()) == cuts
    assert not any(start < cut < end for start, end in got.tolist() for cut in cuts)
    assert got.dtype == np.int32


def test_find_common_tokens_of_nothing():
    assert find_common_tokens([np.empty((0, 2), np.int32)] * 2).shape == (0, 2)
