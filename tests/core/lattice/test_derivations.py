"""The lattice against brute force: masses, marginals, gradients, k best, for every kind of target."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nerture.core.errors import ConflictError, DataError
from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.targets.consistency import check_consistency
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span

from ...support.all_derivations import agrees, calibrated, enumerate_all, log_sum, shares

LABELS = ("A", "B", "C")


@st.composite
def problems(draw, size=2.0):
    """A short text's scores (closed, open), labels and a target of any kind."""
    length = draw(st.integers(1, 6))
    labels = LABELS[: draw(st.integers(1, 3 if length < 5 else 2))]
    longest = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = len(labels)
    closed = rng.normal(0, size, (length, 2 * count + 1))
    open_ = rng.normal(0, size, (length, longest - 1, 2 * count))
    return closed, open_, labels, draw(targets(length, labels, longest))


@st.composite
def targets(draw, length, labels, longest):
    doc = Doc.from_words([f"w{place}" for place in range(length)])

    def span():
        start = draw(st.integers(0, length - 1))
        end = draw(st.integers(start + 1, min(length, start + longest)))
        return Span(start, end, draw(st.sampled_from(labels)), doc=doc)

    def some(most):
        return tuple(span() for _ in range(draw(st.integers(0, most))))

    return Target(
        doc,
        spans=some(2),
        complete=draw(
            st.one_of(st.just(frozenset()), st.booleans(), st.sets(st.sampled_from(labels)).map(frozenset))
        ),
        rejected=some(2),
        outside=tuple(draw(st.sets(st.integers(0, length - 1), max_size=2))),
        not_together=tuple(group for group in (some(3), some(2)) if group),
    )


def exactly(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


SLOW = settings(
    deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@given(problems())
@SLOW
def test_all_derivations_together_have_probability_one(problem):
    closed, open_, labels, target = problem
    everything = enumerate_all(closed, open_, labels)
    assert log_sum(weight for _, weight, _ in everything) == exactly(0)
    unknown = Target(target.doc, complete=frozenset())
    assert Derivations(closed, open_, labels).log_mass(unknown) == exactly(0)


@given(problems())
@SLOW
def test_mass_marginals_and_gradient_equal_brute_force(problem):
    closed, open_, labels, target = problem
    everything = enumerate_all(closed, open_, labels)
    right = [item for item in everything if agrees(item[0], target)]
    derivations = Derivations(closed, open_, labels)
    if not right:
        for call in (derivations.log_mass, derivations.span_probabilities, derivations.gradient):
            with pytest.raises(ConflictError):
                call(target)
        with pytest.raises(ConflictError):
            check_consistency(target)
        return
    check_consistency(target)
    mass = log_sum(weight for _, weight, _ in right)
    assert derivations.log_mass(target) == exactly(mass)

    found = derivations.span_probabilities(target, least=0)
    by_span = dict(zip(map(tuple, found.spans.tolist()), found.probabilities.tolist(), strict=True))
    for start in range(len(closed)):
        for end in range(start + 1, min(len(closed), start + open_.shape[1] + 1) + 1):
            for number, label in enumerate(labels):
                expected = math.fsum(
                    math.exp(weight - mass) for spans, weight, _ in right if (start, end, label) in spans
                )
                assert by_span.get((start, end, number), 0.0) == pytest.approx(expected, rel=1e-6, abs=1e-7)
                span = Span(start, end, label, doc=target.doc)
                assert derivations.probabilities_of([span], target)[0] == exactly(expected)
    too_long = Span(0, open_.shape[1] + 2, labels[0], doc=target.doc)
    assert derivations.probabilities_of([too_long], target).tolist() == [0.0]

    value, d_closed, d_open = derivations.gradient(target)
    assert value == exactly(mass)
    told_closed, told_open = shares(right, mass, closed.shape, open_.shape)
    free_closed, free_open = _free(everything, closed, open_, told_closed, told_open, len(labels))
    np.testing.assert_allclose(d_closed, told_closed - free_closed, rtol=0, atol=1e-9)
    np.testing.assert_allclose(d_open, told_open - free_open, rtol=0, atol=1e-9)


def _free(everything, closed, open_, told_closed, told_open, labels):
    """Return what the model itself does in the states visited: visits of the target times P(action)."""
    all_closed, all_open = shares(everything, 0.0, closed.shape, open_.shape)
    visits = all_closed.sum(axis=1, keepdims=True)
    free_closed = all_closed / np.where(visits, visits, 1) * told_closed.sum(axis=1, keepdims=True)

    def by_label(array):
        halves = array[:, :, :labels] + array[:, :, labels:]
        return np.concatenate([halves, halves], axis=2)

    visits = by_label(all_open)
    return free_closed, all_open / np.where(visits, visits, 1) * by_label(told_open)


@given(problems(size=1.0), st.floats(0.3, 3.0))
@settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_gradient_equals_central_differences(problem, temperature):
    closed, open_, labels, target = problem
    try:
        _, d_closed, d_open = Derivations(closed, open_, labels, Calibration(temperature)).gradient(target)
    except ConflictError:
        return
    step = 1e-5
    for array, gradient in ((closed, d_closed), (open_, d_open)):
        for place in np.ndindex(array.shape):
            values = []
            for change in (step, -step):
                array[place] += change
                values.append(Derivations(closed, open_, labels, Calibration(temperature)).log_mass(target))
                array[place] -= change
            assert gradient[place] == pytest.approx((values[0] - values[1]) / (2 * step), abs=1e-7)


@given(problems(), st.integers(1, 8))
@SLOW
def test_k_best_equals_brute_force(problem, k):
    closed, open_, labels, target = problem
    right = [item for item in enumerate_all(closed, open_, labels) if agrees(item[0], target)]
    assume(right)
    mass = log_sum(weight for _, weight, _ in right)
    expected = sorted((math.exp(weight - mass) for _, weight, _ in right), reverse=True)[:k]
    found = Derivations(closed, open_, labels).k_best(k, target)
    assert [probability for probability, _ in found] == exactly(expected)
    own = {spans: math.exp(weight - mass) for spans, weight, _ in right}
    assert len({tuple(spans) for _, spans in found}) == len(found)
    for probability, spans in found:
        assert own[tuple(spans)] == exactly(probability)


@given(problems())
@settings(deadline=None, derandomize=True, max_examples=50)
def test_span_probability_is_the_mass_of_its_accept(problem):
    closed, open_, labels, target = problem
    derivations = Derivations(closed, open_, labels)
    for span in (*target.spans, *target.rejected):
        there = Target(target.doc, (span,), complete=frozenset())
        absent = Target(target.doc, rejected=(span,), complete=frozenset())
        probability = derivations.span_probability(span.start, span.end, span.label)
        assert math.log(probability) == exactly(derivations.log_mass(there))
        assert probability + math.exp(derivations.log_mass(absent)) == exactly(1)


@given(problems())
def test_probabilities_of_many_spans_at_once_are_those_of_each(problem):
    closed, open_, labels, _ = problem
    derivations = Derivations(closed, open_, labels, Calibration(1.7, {"A": 0.5}))
    spans = [
        (start, start + more, number)
        for start in range(len(closed))
        for more in range(1, min(derivations.longest, len(closed) - start) + 1)
        for number in range(len(labels))
    ]
    found = derivations.probabilities_at(np.array(spans, dtype=np.int32))
    for probability, (start, end, number) in zip(found, spans, strict=True):
        assert probability == exactly(derivations.span_probability(start, end, labels[number]))
    assert derivations.probabilities_at(np.zeros((0, 3), dtype=np.int32)).shape == (0,)


def test_samples_come_as_often_as_they_are_probable():
    rng = np.random.default_rng(5)
    closed, open_ = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (4, 2, 2))
    expected = {spans: math.exp(weight) for spans, weight, _ in enumerate_all(closed, open_, ("A",))}
    drawn = Derivations(closed, open_, ("A",)).sample(20_000, seed=3)
    counts = dict.fromkeys(expected, 0)
    for spans in drawn:
        counts[tuple(spans)] += 1
    for spans, probability in expected.items():
        deviation = math.sqrt(probability * (1 - probability) / len(drawn))
        assert abs(counts[spans] / len(drawn) - probability) < 5 * deviation
    assert drawn[:100] == Derivations(closed, open_, ("A",)).sample(100, seed=3)


@pytest.mark.parametrize("size", [1e4, 1e-300])
@pytest.mark.parametrize("length", [1, 2, 300, 10_000])
def test_no_score_and_no_length_is_too_much(length, size):
    rng = np.random.default_rng(length)
    closed = rng.uniform(-size, size, (length, 5)).astype(np.float32)
    open_ = rng.uniform(-size, size, (length, 9, 4)).astype(np.float32)
    doc = Doc.from_words(["w"] * length)
    derivations = Derivations(closed, open_, ("A", "B"))
    spans = tuple(Span(start, start + 1, "B", doc=doc) for start in range(0, length, 7))
    for target in (
        Target(doc, spans),
        Target(doc, spans, complete=frozenset()),
        Target(doc, rejected=spans, complete=frozenset(), outside=(length - 1,)),
    ):
        mass, d_closed, d_open = derivations.gradient(target)
        assert -math.inf < mass < 1e-6
        assert np.isfinite(d_closed).all()
        assert np.isfinite(d_open).all()
        (best, _), *_ = derivations.k_best(2, target)
        assert 0 <= best <= 1 + 1e-6
    impossible = Target(doc, spans, outside=(0,))
    with pytest.raises(ConflictError, match="outside"):
        derivations.gradient(impossible)


@given(problems(), st.integers(1, 6))
@SLOW
def test_a_beam_finds_no_more_than_there_is_and_a_wide_one_finds_everything(problem, width):
    closed, open_, labels, _ = problem
    derivations = Derivations(closed, open_, labels)
    everything = enumerate_all(closed, open_, labels)
    own = {spans: math.exp(weight) for spans, weight, _ in everything}
    narrow = derivations.beam_search(width)
    exact = derivations.k_best(width)
    for (probability, spans), (best, _) in zip(narrow, exact, strict=False):
        assert probability == exactly(own[tuple(spans)])
        assert probability <= best + 1e-12
    wide = derivations.beam_search(len(everything))
    assert [probability for probability, _ in wide] == exactly(sorted(own.values(), reverse=True))


@given(problems())
@SLOW
def test_a_beam_of_one_is_greedy(problem):
    closed, open_, labels, _ = problem
    ((_, spans),) = Derivations(closed, open_, labels).beam_search(1)
    assert spans == greedily(closed, open_, labels)


def greedily(closed, open_, labels):
    """Take the best valid action of each state, straight from the scores."""
    length, longest, count = len(closed), open_.shape[1] + 1, len(labels)
    spans, opened = [], None
    for token in range(length):
        more = token + 1 < length
        if opened is None:
            allowed = [0, *range(1 if more and longest > 1 else count + 1, 2 * count + 1)]
            action = max(allowed, key=lambda column: closed[token, column])
            if action > count:
                spans.append((token, token + 1, labels[action - count - 1]))
            elif action:
                opened = token, action - 1
        else:
            start, label = opened
            inside, last = open_[token, token - start - 1, [label, count + label]]
            if not (more and token + 2 - start <= longest) or last >= inside:
                spans.append((start, token + 1, labels[label]))
                opened = None
    return spans


def test_queries_name_what_they_cannot_answer():
    derivations = Derivations(np.zeros((3, 3)), np.zeros((3, 1, 2)), ("A",))
    assert derivations.span_probability(0, 3, "A") == 0  # longer than any entity here
    with pytest.raises(DataError, match=r"within the 3 tokens of the text, got \[2, 4\)"):
        derivations.span_probability(2, 4, "A")
    with pytest.raises(DataError, match="label: expected one of A, got 'B'"):
        derivations.span_probability(0, 1, "B")
    with pytest.raises(DataError, match="k: expected 1 or more, got 0"):
        derivations.k_best(0)
    with pytest.raises(DataError, match="width: expected 1 or more, got 0"):
        derivations.beam_search(0)


CALIBRATIONS = [
    UNCHANGED,
    Calibration(2.5),
    Calibration(0.4, {"A": 0.8, "B": -1.2}),
    Calibration(1.5, {"B": 2.0}),
]


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_a_calibration_is_one_of_the_scores(calibration):
    rng = np.random.default_rng(2)
    labels, closed, open_ = LABELS[:2], rng.normal(0, 4, (5, 5)), rng.normal(0, 4, (5, 2, 4))
    wanted: dict[tuple[int, int, str], float] = {}
    for spans, weight, _ in enumerate_all(*calibrated(closed, open_, labels, calibration), labels):
        for span in spans:
            wanted[span] = wanted.get(span, 0.0) + math.exp(weight)
    exact = Derivations(closed, open_, labels, calibration)
    for (start, end, label), share in wanted.items():
        assert exact.span_probability(start, end, label) == exactly(share)
    assert len(wanted) == len(labels) * (5 + 4 + 3)


@pytest.mark.parametrize("first", CALIBRATIONS)
@pytest.mark.parametrize("second", CALIBRATIONS)
def test_from_one_calibration_to_another_and_back(first, second):
    rng = np.random.default_rng(2)
    closed, open_ = rng.normal(0, 4, (6, 5)), rng.normal(0, 4, (6, 2, 4))
    moved = Derivations(closed, open_, LABELS[:2], first).with_calibration(second)
    expected = Derivations(closed, open_, LABELS[:2], second)
    doc = Doc.from_words(["w"] * 6)
    target = Target(doc, (Span(1, 3, "A", doc=doc),))
    assert moved.log_mass(target) == exactly(expected.log_mass(target))
    assert moved.with_calibration(first).log_mass(target) == exactly(
        Derivations(closed, open_, LABELS[:2], first).log_mass(target)
    )
    for mine, other in zip(moved.gradient(target)[1:], expected.gradient(target)[1:], strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-9)
