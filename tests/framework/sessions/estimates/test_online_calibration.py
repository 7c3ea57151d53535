"""Online calibration, answer speed and unseen rate, each compared with a naive computation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.sessions.estimates.answer_speed import AnswerSpeed, measure_speed, text_seconds
from nerture.sessions.estimates.answer_statistics import UnseenEntityRate, collect_outcomes
from nerture.sessions.estimates.online_calibration import (
    PRIOR_WEIGHT,
    OnlineCalibration,
    fit_calibration,
    log_odds,
)
from nerture.sessions.estimates.snapshot import PRIOR_UNSEEN_RATE, PRIOR_UNSEEN_WORDS

OUTCOMES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=25)


@given(OUTCOMES)
@settings(deadline=None)
def test_the_curve_is_the_posterior_mode(rows):
    """No point of a grid around it is better."""
    found = fit_calibration(rows)

    def posterior(slope, offset):
        total = -PRIOR_WEIGHT / 2 * ((slope - 1) ** 2 + offset**2)
        for probability, right in rows:
            odds = slope * log_odds(probability) + offset
            total -= math.log1p(math.exp(-odds if right else odds))
        return total

    best = posterior(found.slope, found.offset)
    for slope in np.linspace(0.1, 2.5, 13):
        for offset in np.linspace(-2, 2, 13):
            assert posterior(slope, offset) <= best + 1e-6 or found.slope == 0.1


@given(st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_the_curve_keeps_the_order(one, other):
    curve = fit_calibration([(0.9, False)] * 20 + [(0.1, True)] * 20)
    assert (one <= other) == (curve(one) <= curve(other)) or math.isclose(curve(one), curve(other))


def test_without_answers_probabilities_are_unchanged():
    assert OnlineCalibration()(0.3) == pytest.approx(0.3)
    assert fit_calibration([]) == OnlineCalibration()


def test_an_overconfident_model_is_corrected():
    rng = np.random.default_rng(0)
    predicted = rng.choice([0.05, 0.5, 0.97], 600)
    true = np.where(predicted > 0.9, 0.7, np.where(predicted < 0.1, 0.2, 0.5))
    curve = fit_calibration(zip(predicted.tolist(), (rng.random(600) < true).tolist(), strict=True))
    assert curve(0.97) == pytest.approx(0.7, abs=0.1)
    assert curve(0.05) == pytest.approx(0.2, abs=0.1)


def test_the_speed_is_a_median_shrunk_towards_one():
    assert measure_speed([], []) == AnswerSpeed()
    fast = measure_speed([0.5] * 180 + [300.0] * 5, [])
    assert fast.span == pytest.approx((180 * 0.5 + 20) / 200)
    assert fast.seconds_for_span() == pytest.approx(2.5 * 0.55)
    assert fast.seconds_for_text(10, 2) == pytest.approx(1.5 + 1.7 + 6)
    assert text_seconds(0, 0) == 1.5


def test_unseen_entities_are_counted_per_new_word(play):
    session = play("manual", probe_share=0.0)
    added, forms = 0, set()
    for _ in range(20):
        question = session.ask()
        answer = session.answer(question)
        hit = [(span.start_char, span.end_char) for span in question.spans]
        for start, end, _ in answer.spans:
            added += all(end <= first or last <= start for first, last in hit)
        forms |= {question.text[a:b].lower() for a, b in question.tokens}
    expected = (added + PRIOR_UNSEEN_RATE * PRIOR_UNSEEN_WORDS) / (len(forms) + PRIOR_UNSEEN_WORDS)
    assert UnseenEntityRate(session.state.answer_index).rate() == pytest.approx(expected)
    assert session.state.snapshot().unseen_rate == pytest.approx(expected)


def test_outcomes_of_suggestions_come_from_the_answers(play):
    session = play(update_every=6)
    session.run(40)
    rows = list(collect_outcomes(session.state.answer_index))
    spans = [span for question, _ in session.state.answer_index.current_answers() for span in question.spans
             if span.score is not None]  # fmt: skip
    # the uncalibrated scores, which would otherwise be calibrated twice
    assert [score for score, _ in rows] == [span.score for span in spans]
    assert any(abs(span.score - span.probability) > 0.01 for span in spans)
    assert {right for _, right in rows} == {True, False}
