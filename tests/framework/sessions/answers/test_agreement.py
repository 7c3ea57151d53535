"""Agreement figures against published examples and against their definitions by brute force."""

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.errors import DataError
from nerture.sessions.answers.agreement import (
    AgreementCounts,
    cohen_kappa,
    krippendorff_alpha,
    measure_agreement,
)
from nerture.sessions.answers.question import Answer, Question, SuggestedSpan


def test_kappa_of_a_textbook_table():
    """20 both yes, 15 both no, 5 and 10 apart: observed 0.7, by chance 0.5."""
    one = ["y"] * 25 + ["n"] * 25
    other = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(one, other) == pytest.approx(0.4)


def test_alpha_of_krippendorffs_own_example():
    """Computing Krippendorff's alpha-reliability (2011), B: two observers, ten units, binary: 0.095."""
    one = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    other = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(zip(one, other, strict=True)) == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_krippendorffs_example_with_missing_values():
    """The same paper, C: four observers, twelve units, five values, gaps: 0.743 (nominal)."""
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[row[n] for row in rows if row[n] is not None] for n in range(12)]
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=5e-4)


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), min_size=1, max_size=12))
@settings(deadline=None)
def test_alpha_is_one_minus_observed_by_expected_disagreement(units):
    """Both by enumeration of ordered pairs: within units, and among all ratings together."""
    kept = [unit for unit in units if len(unit) > 1]
    everything = [value for unit in kept for value in unit]
    pairs = list(permutations(range(len(everything)), 2))
    differing = sum(everything[i] != everything[j] for i, j in pairs)
    if not differing:
        assert krippendorff_alpha(units) is None
        return
    within = sum(sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in kept) / len(
        everything
    )
    assert krippendorff_alpha(units) == pytest.approx(1 - within / (differing / len(pairs)))


def test_without_a_difference_agreement_is_undefined():
    assert cohen_kappa("aaa", "aaa") is None
    assert krippendorff_alpha(["aa", "aa"]) is None
    with pytest.raises(DataError, match="ratings: expected equal numbers of 1 or more, got 2 and 3"):
        cohen_kappa("aa", "aaa")


def question(kind, *spans):
    tokens = ((0, 3), (4, 7), (8, 11))
    suggested = tuple(SuggestedSpan(*span) for span in spans)
    return Question("aaa bbb ccc", tokens, kind, suggested, ("X",), "manual", "source")


def test_spans_are_compared_by_verdict_and_texts_token_by_token():
    span, text = question("span", (0, 3, "X")), question("text")
    answers = [
        (span, Answer("1", span.id, "accept", "ann")),
        (span, Answer("2", span.id, "reject", "bob")),
        (span, Answer("3", span.id, "ignore", "cy")),
        (text, Answer("4", text.id, "accept", "ann", ((0, 7, "X"),))),
        (text, Answer("5", text.id, "accept", "bob", ((0, 3, "X"),))),
    ]
    found = measure_agreement(answers)
    assert (found.questions, found.units) == (2, 4)
    assert found.observed == pytest.approx(2 / 4)  # the first and the last token
    assert set(found.pairs) == {("ann", "bob")}
    assert found.pairs["ann", "bob"].questions == 2
    assert measure_agreement(answers[:1]) is None


units = st.lists(
    st.dictionaries(
        st.sampled_from(["ann", "bob", "cy"]), st.lists(st.sampled_from("xyz"), min_size=2, max_size=2)
    ),
    max_size=12,
)


@given(units, st.data())
@settings(deadline=None)
def test_removed_questions_leave_the_figures_of_the_others(questions, data):
    counts, alone = AgreementCounts(), AgreementCounts()
    removed = data.draw(st.sets(st.sampled_from(range(len(questions) or 1))))
    for ratings in questions:
        counts.change(ratings, 1)
    for number, ratings in enumerate(questions):
        if number in removed:
            counts.change(ratings, -1)
        else:
            alone.change(ratings, 1)
    assert counts.agreement() == alone.agreement()
    found = alone.agreement()
    kept = [item for number, item in enumerate(questions) if number not in removed and len(item) > 1]
    assert (found is None) == (not kept)
    if found is None:
        return
    assert (found.questions, found.units) == (len(kept), 2 * len(kept))
    whole = [unit for ratings in kept for unit in zip(*ratings.values(), strict=True)]
    assert found.alpha == krippendorff_alpha(whole)
    for (one, other), pair in found.pairs.items():
        both = [unit for unit in kept if one in unit and other in unit]
        assert pair.questions == len(both)
        ratings = [[value for unit in both for value in unit[name]] for name in (one, other)]
        assert pair.kappa == cohen_kappa(*ratings)
    compared = [a == b for unit in whole for a, b in combinations(unit, 2)]
    assert found.observed == pytest.approx(sum(compared) / len(compared))
