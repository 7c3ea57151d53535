"""Online calibration, pace and what was missed: each against the plainest way to compute it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.sessions.estimates.answer_speed import AnswerSpeed, measured, text_seconds
from nerture.sessions.estimates.answer_statistics import UnseenEntityRate, judged_offers
from nerture.sessions.estimates.online_calibration import (
    PRIOR_WEIGHT,
    OnlineCalibration,
    calibrated,
    log_odds,
)
from nerture.sessions.estimates.snapshot import MISSED, MISSED_WORDS

JUDGED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=25)


@given(JUDGED)
@settings(deadline=None)
def test_the_curve_is_the_posterior_mode(rows):
    """No point of a grid around it is better."""
    found = calibrated(rows)

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
    curve = calibrated([(0.9, False)] * 20 + [(0.1, True)] * 20)
    assert (one <= other) == (curve(one) <= curve(other)) or math.isclose(curve(one), curve(other))


def test_without_answers_probabilities_are_what_they_are():
    assert OnlineCalibration()(0.3) == pytest.approx(0.3)
    assert calibrated([]) == OnlineCalibration()


def test_a_model_that_is_too_sure_is_believed_less():
    rng = np.random.default_rng(0)
    said = rng.choice([0.05, 0.5, 0.97], 600)
    true = np.where(said > 0.9, 0.7, np.where(said < 0.1, 0.2, 0.5))
    curve = calibrated(zip(said.tolist(), (rng.random(600) < true).tolist(), strict=True))
    assert curve(0.97) == pytest.approx(0.7, abs=0.1)
    assert curve(0.05) == pytest.approx(0.2, abs=0.1)


def test_the_pace_is_a_median_drawn_towards_one():
    assert measured([], []) == AnswerSpeed()
    fast = measured([0.5] * 180 + [300.0] * 5, [])
    assert fast.span == pytest.approx((180 * 0.5 + 20) / 200)
    assert fast.of_span() == pytest.approx(2.5 * 0.55)
    assert fast.of_text(10, 2) == pytest.approx(1.5 + 1.7 + 6)
    assert text_seconds(0, 0) == 1.5


def test_what_was_missed_is_counted_by_new_words(play):
    session = play("manual", probe_share=0.0)
    added, forms = 0, set()
    for _ in range(20):
        question = session.ask()
        answer = session.answer(question)
        hit = [(span.start_char, span.end_char) for span in question.spans]
        for start, end, _ in answer.spans:
            added += all(end <= first or last <= start for first, last in hit)
        forms |= {question.text[a:b].lower() for a, b in question.tokens}
    expected = (added + MISSED * MISSED_WORDS) / (len(forms) + MISSED_WORDS)
    assert UnseenEntityRate(session.state.answer_index).rate() == pytest.approx(expected)
    assert session.state.snapshot().missed == pytest.approx(expected)


def test_offers_are_judged_by_the_answers(play):
    session = play(update_every=6)
    session.run(40)
    rows = list(judged_offers(session.state.answer_index))
    spans = [span for question, _ in session.state.answer_index.standing() for span in question.spans
             if span.score is not None]  # fmt: skip
    # by what the model said itself: what was calibrated already would be calibrated a second time
    assert [score for score, _ in rows] == [span.score for span in spans]
    assert any(abs(span.score - span.probability) > 0.01 for span in spans)
    assert {right for _, right in rows} == {True, False}
