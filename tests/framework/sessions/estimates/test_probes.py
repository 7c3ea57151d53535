"""Probes compared with a known truth: the estimate, and the coverage of the interval."""

import math

import numpy as np
import pytest

from nerture.core.targets.target import Target
from nerture.sessions.estimates.probes import Probes, permanent_number
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate

from ....support.plants import pool

TEXTS = pool(400)


def version(rng, precision, sure, share=0.9):
    """A model version that predicts spans of one word with probability ``sure(...)``, and their outcomes."""
    candidates, right = {}, {}
    for text in TEXTS.texts:
        found = []
        for place in range(2):
            if rng.random() < share:
                good = right.setdefault((text.number, place), rng.random() < precision)
                probability = sure(rng, precision, good)
                found.append(SpanCandidate(place, place + 1, "PLANT", probability, 0.7, None, predicted=True))
        candidates[text.number] = tuple(found)
    return PoolPredictions(1, None, candidates, ()), right


def keep_predictions(candidates, keep):
    return PoolPredictions(
        1, None, {n: tuple(c for c in found if keep(n, c.start)) for n, found in candidates.items()}, ()
    )


class Oracle:
    """Answers probes from the truth."""

    def __init__(self, right):
        self.right, self.answered = right, {}

    def find_target(self, text):
        places = self.answered.get(text.number)
        if not places:
            return None
        doc = text.doc
        spans = tuple(doc.span(p, p + 1, "PLANT") for p in sorted(places) if self.right[text.number, p])
        wrong = tuple(doc.span(p, p + 1, "PLANT") for p in sorted(places) if not self.right[text.number, p])
        return Target(doc, spans, frozenset(), wrong)

    def ask(self, probes, pool_predictions, count):
        for _ in range(count):
            probe = next(probes.find_unanswered(pool_predictions, self.find_target), None)
            if probe is None:
                return
            assert 0 < probe.sampling <= 1
            self.answered.setdefault(probe.text, set()).add(probe.candidate.start)


SURE = (
    lambda rng, precision, good: 0.7,  # the same for all
    lambda rng, precision, good: rng.uniform(0.9, 1),  # overconfident
    lambda rng, precision, good: rng.beta(6 * (precision + 0.3 * good), 2),  # informative
)
"""Probability that a version gives to a right or wrong span."""


def test_the_estimate_is_unbiased_and_the_interval_covers_the_truth():
    """The model changes twice; some of what it then predicts was answered before."""
    errors, covered, widths = [], 0, []
    sessions = 150
    for seed in range(sessions):
        rng = np.random.default_rng(seed)
        precision = rng.uniform(0.4, 0.95)
        pool_predictions, right = version(rng, precision, SURE[seed % 3])
        probes = Probes(SessionPlan("teach", ("PLANT",), seed=seed), TEXTS)
        oracle = Oracle(right)
        oracle.ask(probes, pool_predictions, 25)
        for _ in range(2):  # a better model finds less of what is wrong, and little of what is new
            drop = {key for key, good in right.items() if rng.random() < (0.05 if good else 0.3)}
            pool_predictions = keep_predictions(
                pool_predictions.candidates, lambda n, p, drop=drop: (n, p) not in drop
            )
            oracle.ask(probes, pool_predictions, 25)
        truth = np.mean(
            [right[n, c.start] for n, found in pool_predictions.candidates.items() for c in found]
        )
        interval = probes.precision(pool_predictions, oracle.find_target)
        errors.append(interval.estimate - truth)
        covered += interval.low <= truth <= interval.high
        widths.append((interval.high - interval.low) / 2)
    assert covered / sessions >= 0.9
    assert abs(np.mean(errors)) < 3 * np.std(errors) / math.sqrt(sessions)
    assert np.mean(widths) < 0.11


def test_a_fifth_of_the_texts_is_held_out_by_the_seed():
    plan = SessionPlan("teach", ("PLANT",), seed=5)
    assert len(TEXTS) == 400
    assert len(Probes(plan, TEXTS).held_out) == 80
    assert Probes(plan, TEXTS).held_out == Probes(plan, pool(400)).held_out
    assert Probes(SessionPlan("teach", ("PLANT",), seed=6), TEXTS).held_out != Probes(plan, TEXTS).held_out


def test_the_texts_with_the_smallest_numbers_are_held_out():
    ordered = sorted(TEXTS.texts, key=lambda text: permanent_number(5, text.text))
    found = Probes(SessionPlan("teach", ("PLANT",), seed=5), TEXTS).held_out
    assert found == {text.number for text in ordered[:80]}


@pytest.mark.parametrize(
    "plan", [SessionPlan("manual", ("PLANT",)), SessionPlan("teach", ("PLANT",), probe_share=0.0)]
)
def test_without_probes_no_text_is_held_out(plan):
    assert not Probes(plan, TEXTS).held_out


def test_permanent_numbers_are_spread_evenly():
    found = [permanent_number(1, text, place) for text in range(400) for place in range(10)]
    counts = np.histogram(found, bins=20, range=(0, 1))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 45.3  # chi-square with 19 degrees of freedom: 0.06 %


def few(answers, probability=0.7, elsewhere=()):
    """Probes of a version that predicts one span in each text, with their answers in order (None: not yet).

    ``elsewhere`` are answers about texts that are not set held_out.
    """
    candidates = {
        text.number: (SpanCandidate(0, 1, "PLANT", probability, 0.7, None, predicted=True),)
        for text in TEXTS.texts
    }
    pool_predictions = PoolPredictions(1, None, candidates, ())
    probes = Probes(SessionPlan("teach", ("PLANT",), seed=1), TEXTS)
    held_out = [number for number, _ in probes.held_out_predictions(pool_predictions)]
    others = [text.number for text in TEXTS.texts if text.number not in probes.held_out]
    outcomes = {**dict(zip(held_out, answers, strict=False)), **dict(zip(others, elsewhere, strict=False))}
    oracle = Oracle({(number, 0): right for number, right in outcomes.items()})
    oracle.answered = {number: {0} for number, right in outcomes.items() if right is not None}
    return probes, pool_predictions, oracle.find_target


def test_a_newly_predicted_span_does_not_discard_later_answers():
    whole = Probes.precision(*few([True, False] * 20))
    gap = Probes.precision(*few([None, *[True, False] * 20]))
    assert gap.estimate == pytest.approx(whole.estimate, abs=0.01)
    assert gap.high - gap.low < 1.05 * (whole.high - whole.low)


def test_answered_spans_count_as_answered():
    """By the formula: 320 other texts, 200 of them answered, all right; 80 held-out texts."""
    found = Probes.precision(*few([True] * 6 + [False] * 4, 0.9, [True] * 200))
    unknown, off = 120 + 70, [0.1] * 6 + [-0.9] * 4
    estimate = (200 + 6 + unknown * (0.9 + np.mean(off))) / 400
    assert found.estimate == pytest.approx(estimate)
    spread = np.std([*off, 0.1, -0.9]) * math.sqrt(1 / 10 + 1 / unknown) * unknown / 400
    assert found.low == pytest.approx(estimate - 1.959964 * spread)
    assert found.high == pytest.approx(estimate + 1.959964 * spread)


def test_if_everything_is_answered_the_interval_has_no_width():
    found = Probes.precision(*few([True] * 60 + [False] * 20, 0.2, [True] * 320))
    assert found.estimate == pytest.approx(380 / 400)
    assert found.low == found.high == found.estimate


def test_a_few_probes_that_agree_do_not_suggest_certainty():
    found = Probes.precision(*few([True] * 3, 0.99))
    assert found.estimate == 1.0
    assert found.low < 0.8


def test_without_an_answered_probe_there_is_no_estimate():
    assert Probes.precision(*few([], 0.9, [True] * 200)) is None


def test_in_a_large_pool_the_predicted_texts_represent_all():
    probes, pool_predictions, known = few([True] * 40 + [False] * 40, 0.5, [True] * 320)
    half = [number for number in pool_predictions.candidates if number not in probes.held_out][::2]
    candidates = {number: pool_predictions.candidates[number] for number in sorted({*half, *probes.held_out})}
    found = probes.precision(PoolPredictions(1, None, candidates, ()), known)
    assert found.estimate == pytest.approx(360 / 400)


def test_held_out_texts_are_only_used_for_probes(play):
    session = play(texts_of=pool(120), probe_share=0.5, update_every=12)
    session.run(80)
    held_out = {session.pool[number].doc.text for number in session.state.probes.held_out}
    reasons = {}
    for question in session.state.answer_index.questions.values():
        reasons.setdefault(question.reason == "probe", set()).add(question.text)
    assert reasons[True] <= held_out
    assert not reasons[False] & held_out
    assert not {target.doc.text for target in session.state.training_targets()} & held_out
    assert session.state.progress(pool_predictions=session.pool_predictions).precision is not None
