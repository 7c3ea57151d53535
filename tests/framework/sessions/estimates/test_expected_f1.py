"""The expected F1 compared with sampled outcomes, exact posteriors, and sessions with a known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.targets.target import Target
from nerture.sessions.estimates.expected_f1 import PRIOR_WEIGHT, ExpectedCounts, estimate_f1, expect_counts
from nerture.sessions.estimates.prequential import PrequentialCounts
from nerture.sessions.estimates.probes import Probes
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate

from ....support.plants import gold, pool

NOTHING = PrequentialCounts()
candidates = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=30)
readings = st.builds(PrequentialCounts, *[st.integers(0, 200)] * 4)


@st.composite
def candidates_with_outcomes(draw):
    predicted = draw(candidates)
    count = draw(st.integers(0, len(predicted)))
    return predicted, draw(st.lists(st.booleans(), min_size=count, max_size=count))


@pytest.mark.parametrize("seed", range(5))
def test_without_answers_it_matches_sampled_outcomes(seed):
    """Draw what is there from the probabilities, again and again, and count."""
    rng = np.random.default_rng(seed)
    predicted, others = rng.uniform(0.5, 1, 300), rng.uniform(0, 0.5, 500)
    right = (rng.random((2000, 300)) < predicted).sum(axis=1)
    known = right + (rng.random((2000, 500)) < others).sum(axis=1)
    found = expect_counts(predicted.tolist(), [], float(others.sum()), NOTHING)
    for estimate, counts in ((found.right, right), (found.known, known)):
        assert abs(estimate - counts.mean()) < 4 * counts.std() / np.sqrt(len(counts))
    assert found.predicted == 300
    assert found.f1 == pytest.approx((2 * right / (300 + known)).mean(), abs=0.002)


def mean_of_posterior(prior, right, count):
    """The mean of prior times likelihood on a fine grid: Beta and binomial."""
    share = np.linspace(0, 1, 200_001)[1:-1]
    log = (PRIOR_WEIGHT * prior + right - 1) * np.log(share)
    log += (PRIOR_WEIGHT * (1 - prior) + count - right - 1) * np.log1p(-share)
    weight = np.exp(log - log.max())
    return float((share * weight).sum() / weight.sum())


@pytest.mark.parametrize(
    ("mean", "right", "count", "found", "wrong", "added"),
    [(0.8, 3, 10, 0, 0, 0), (0.5, 0, 12, 40, 5, 10), (0.6, 9, 9, 3, 20, 30), (0.9, 0, 0, 7, 7, 0)],
)
def test_precision_and_recall_are_means_of_their_posteriors(mean, right, count, found, wrong, added):
    predicted = [mean - 0.1, mean + 0.1] * 10
    outcomes = [True] * right + [False] * (count - right)
    estimate = expect_counts(predicted, outcomes, 5.0, PrequentialCounts(30, found, wrong, added))
    read = mean_of_posterior(mean, found, found + wrong)
    share = mean_of_posterior(read, right, count)
    assert estimate.right == pytest.approx(right + (20 - count) * share, rel=1e-3)
    recall = mean_of_posterior(estimate.right / (estimate.right + 5.0), found, found + added)
    assert estimate.right / estimate.known == pytest.approx(recall, rel=1e-3)


@given(candidates_with_outcomes(), st.floats(0, 100), readings)
def test_it_is_an_f1_and_counts_what_is_known(sample, others, counts):
    predicted, outcomes = sample
    estimate = expect_counts(predicted, outcomes, others, counts)
    assert 0 <= estimate.f1 <= 1
    assert sum(outcomes) <= estimate.right <= estimate.predicted == len(predicted)
    assert estimate.known >= estimate.right * (1 - 1e-12)
    if len(outcomes) == len(predicted):
        assert estimate.right == sum(outcomes)


@given(candidates_with_outcomes(), st.floats(0.01, 100), readings)
def test_missed_entities_lower_it_and_right_ones_raise_it(sample, others, counts):
    predicted, outcomes = sample
    one = expect_counts(predicted, outcomes, others, counts).f1
    assert expect_counts(predicted, outcomes, others, replace(counts, added=counts.added + 1)).f1 <= one
    assert expect_counts(predicted, outcomes, others, replace(counts, found=counts.found + 1)).f1 >= one
    assert expect_counts(predicted, outcomes, others + 1, counts).f1 <= one
    assert expect_counts(predicted, outcomes, others, replace(counts, wrong=counts.wrong + 1)).f1 <= one
    for place, right in enumerate(outcomes):
        if not right:
            better = [*outcomes[:place], True, *outcomes[place + 1 :]]
            assert expect_counts(predicted, better, others, counts).f1 >= one


def test_where_nothing_is_predicted_nothing_is_found():
    assert expect_counts([], [], 3.0, PrequentialCounts(30, 5, 5, 5)) == ExpectedCounts(0.0, 0.0, 3.0)
    assert ExpectedCounts(0.0, 0.0, 3.0).f1 == ExpectedCounts(0.0, 0.0, 0.0).f1 == 0


TEXTS = pool(400)
PLAN = SessionPlan("teach", ("PLANT",))


def test_answers_correct_the_estimate_for_a_miscalibrated_model(small_learner):
    """It gives 0.95 to what it finds, and nothing to what it misses; about half of each is right."""
    errors, plain = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        precision, recall = rng.uniform(0.4, 0.9, 2)
        plan = replace(PLAN, seed=seed)
        probes = Probes(plan, TEXTS)
        found = {text.number: (SpanCandidate(0, 1, "PLANT", 0.95, 0.95, None, True),) for text in TEXTS.texts}
        right = {number: bool(rng.random() < precision) for number in found}
        pool_predictions = PoolPredictions(1, small_learner, found, ())
        asked = [number for number, _ in probes.held_out_predictions(pool_predictions)][:40]
        held_out = tuple(_target(number, right[number]) for number in asked)
        read = rng.random(100) < recall
        counts = PrequentialCounts(60, int(read.sum()), 30, int((~read).sum()))
        snapshot = TrainingSnapshot((), {}, 0.8, unseen_rate=0.0, held_out=held_out, counts=counts)
        share = np.mean([right[number] for number in probes.held_out])
        truth = 2 * share * recall / (share + recall)
        errors.append(estimate_f1(probes, pool_predictions, snapshot) - truth)
        plain.append(
            estimate_f1(
                probes, pool_predictions, replace(snapshot, held_out=(), counts=PrequentialCounts(60))
            )
            - truth
        )
    assert abs(np.mean(errors)) < 0.04
    assert np.std(errors) < 0.06
    assert np.mean(plain) > 0.15  # by the probabilities alone


def _target(number, right):
    doc = TEXTS[number].doc
    span = doc.span(0, 1, "PLANT")
    return Target(doc, (span,) if right else (), frozenset(), () if right else (span,))


def test_in_a_session_it_matches_its_definition_on_held_out_texts(play):
    session = play(texts_of=pool(120), ask="text", probe_share=0.3, update_every=12)
    session.run(75)
    snapshot, pool_predictions, state = session.state.snapshot(), session.pool_predictions, session.state
    held_out = state.probes.held_out
    texts = [text for text in session.pool.texts if text.number in held_out]
    spans = [candidate for text in texts for candidate in pool_predictions.candidates[text.number]]
    read = {
        word.lower() for target in snapshot.targets if "PLANT" in target.complete for word in target.doc.words
    }
    new = {word.lower() for text in texts for word in text.doc.words} - read
    others = snapshot.unseen_rate * len(new)
    others += sum(min(one.score, one.probability) for one in spans if not one.predicted)
    outcomes = []
    for number, candidate in state.probes.held_out_predictions(pool_predictions):
        doc = state.pool[number].doc
        if not state.answer_index.text_answers(doc.text):
            continue
        span = doc.span(candidate.start, candidate.end, "PLANT")
        outcomes.append((span.start_char, span.end_char, "PLANT") in gold(doc.text))
    predicted = [one.probability for one in spans if one.predicted]
    wanted = expect_counts(predicted, outcomes, others, snapshot.counts).f1
    assert estimate_f1(state.probes, pool_predictions, snapshot) == pytest.approx(wanted)
    assert outcomes
    assert 0 < wanted < 1
    bare = {number: found for number, found in pool_predictions.candidates.items() if number in held_out}
    assert estimate_f1(state.probes, replace(pool_predictions, candidates=bare), snapshot) == pytest.approx(
        wanted
    )


def test_the_curve_is_a_function_of_the_log(play):
    session = play(texts_of=pool(120), ask="text", probe_share=0.3, update_every=12)
    session.run(75)
    curve = session.state.progress().curve
    assert len(curve) > 1
    assert [answers for answers, _ in curve] == sorted({answers for answers, _ in curve})
    assert curve[-1] == (session.state.answer_index.learned_from(), session.pool_predictions.f1)
    again = session.state.make_initial()
    for event in session.log:
        again.apply(event)
    assert again.progress().curve == curve


def test_early_in_a_session_there_is_no_estimate(play, small_learner):
    session = play(texts_of=pool(120), probe_share=0.5, update_every=4)
    session.run(30)
    assert session.pool_predictions.f1 is None
    assert session.state.progress().curve == ()
    assert session.state.progress().next_gain is None
    assert session.state.snapshot().counts.texts < 50


def test_without_unseen_texts_there_is_no_estimate(small_learner):
    snapshot = TrainingSnapshot((), {}, 0.8, counts=PrequentialCounts(60, 10, 10, 10))
    pool_predictions = PoolPredictions(1, small_learner, {text.number: () for text in TEXTS.texts}, ())
    assert estimate_f1(Probes(PLAN, TEXTS), pool_predictions, snapshot) == 0
    assert estimate_f1(Probes(replace(PLAN, probe_share=0.0), TEXTS), pool_predictions, snapshot) is None
    assert estimate_f1(Probes(PLAN, TEXTS), replace(pool_predictions, learner=None), snapshot) is None
    assert (
        estimate_f1(
            Probes(PLAN, TEXTS), pool_predictions, replace(snapshot, counts=PrequentialCounts(49, 9, 9, 9))
        )
        is None
    )


def test_calibration_does_not_raise_improbable_spans(small_learner):
    """A flat curve, fitted to suggested spans, would make many entities of them."""
    seen = (SpanCandidate(0, 1, "PLANT", 0.7, 0.9, None, True), SpanCandidate(2, 3, "PLANT", 0.4, 0.02, None))
    pool_predictions = PoolPredictions(1, small_learner, {text.number: seen for text in TEXTS.texts}, ())
    counts = PrequentialCounts(60, 6, 2, 4)
    found = estimate_f1(
        Probes(PLAN, TEXTS), pool_predictions, TrainingSnapshot((), {}, 0.8, unseen_rate=0.0, counts=counts)
    )
    assert found == pytest.approx(expect_counts([0.7] * 80, [], 80 * 0.02, counts).f1)
    surer = replace(seen[1], probability=0.01)
    lower = replace(pool_predictions, candidates=dict.fromkeys(pool_predictions.candidates, (seen[0], surer)))
    found = estimate_f1(
        Probes(PLAN, TEXTS), lower, TrainingSnapshot((), {}, 0.8, unseen_rate=0.0, counts=counts)
    )
    assert found == pytest.approx(expect_counts([0.7] * 80, [], 80 * 0.01, counts).f1)


def test_in_correct_it_is_estimated_on_the_texts_to_come(play):
    session = play("correct", texts_of=pool(90), update_every=10)
    session.run(71)
    assert session.state.progress().curve
    snapshot = session.state.snapshot()
    answered = {target.doc.text for target in snapshot.targets}
    rest = {
        text.number: session.pool_predictions.candidates[text.number]
        for text in session.pool.texts
        if text.doc.text not in answered
    }
    pool_predictions = session.pool_predictions
    wanted = estimate_f1(session.state.probes, replace(pool_predictions, candidates=rest), snapshot)
    assert estimate_f1(session.state.probes, pool_predictions, snapshot) == wanted
