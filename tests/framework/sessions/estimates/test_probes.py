"""Probes against a truth that is known: what they estimate, how often the interval has it."""

import math

import numpy as np
import pytest

from nerture.core.targets.target import Target
from nerture.sessions.estimates.probes import Probes, number_of
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate

from ....support.plants import pool

TEXTS = pool(400)


def version(rng, precision, sure, share=0.9):
    """A version of a model that predicts spans of one word, as ``sure`` says, and which of them are right."""
    chances, right = {}, {}
    for text in TEXTS.texts:
        found = []
        for place in range(2):
            if rng.random() < share:
                good = right.setdefault((text.number, place), rng.random() < precision)
                probability = sure(rng, precision, good)
                found.append(SpanCandidate(place, place + 1, "PLANT", probability, 0.7, None, predicted=True))
        chances[text.number] = tuple(found)
    return PoolPredictions(1, None, chances, ()), right


def outlook_of(chances, keep):
    return PoolPredictions(
        1, None, {n: tuple(c for c in found if keep(n, c.start)) for n, found in chances.items()}, ()
    )


class Judge:
    """Answers probes from the truth."""

    def __init__(self, right):
        self.right, self.told = right, {}

    def known(self, text):
        places = self.told.get(text.number)
        if not places:
            return None
        doc = text.doc
        spans = tuple(doc.span(p, p + 1, "PLANT") for p in sorted(places) if self.right[text.number, p])
        wrong = tuple(doc.span(p, p + 1, "PLANT") for p in sorted(places) if not self.right[text.number, p])
        return Target(doc, spans, frozenset(), wrong)

    def ask(self, probes, pool_predictions, count):
        for _ in range(count):
            probe = next(probes.unknown(pool_predictions, self.known), None)
            if probe is None:
                return
            assert 0 < probe.sampling <= 1
            self.told.setdefault(probe.text, set()).add(probe.chance.start)


SURE = (
    lambda rng, precision, good: 0.7,  # the same of all
    lambda rng, precision, good: rng.uniform(0.9, 1),  # too sure
    lambda rng, precision, good: rng.beta(6 * (precision + 0.3 * good), 2),  # telling
)
"""How probable a version holds a span that is right, or is not."""


def test_the_estimate_is_unbiased_and_the_interval_has_the_truth_nineteen_times_in_twenty():
    """The model changes twice on the way; what it then predicts was partly judged before."""
    errors, covered, widths = [], 0, []
    sessions = 150
    for seed in range(sessions):
        rng = np.random.default_rng(seed)
        precision = rng.uniform(0.4, 0.95)
        pool_predictions, right = version(rng, precision, SURE[seed % 3])
        probes = Probes(SessionPlan("teach", ("PLANT",), seed=seed), TEXTS)
        judge = Judge(right)
        judge.ask(probes, pool_predictions, 25)
        for _ in range(2):  # a better model finds less of what is wrong, and little of what is new
            drop = {key for key, good in right.items() if rng.random() < (0.05 if good else 0.3)}
            pool_predictions = outlook_of(
                pool_predictions.chances, lambda n, p, drop=drop: (n, p) not in drop
            )
            judge.ask(probes, pool_predictions, 25)
        truth = np.mean([right[n, c.start] for n, found in pool_predictions.chances.items() for c in found])
        interval = probes.precision(pool_predictions, judge.known)
        errors.append(interval.estimate - truth)
        covered += interval.low <= truth <= interval.high
        widths.append((interval.high - interval.low) / 2)
    assert covered / sessions >= 0.9
    assert abs(np.mean(errors)) < 3 * np.std(errors) / math.sqrt(sessions)
    assert np.mean(widths) < 0.11


def test_a_fifth_of_the_texts_is_set_aside_the_same_ones_for_a_seed():
    plan = SessionPlan("teach", ("PLANT",), seed=5)
    assert len(TEXTS) == 400
    assert len(Probes(plan, TEXTS).numbers) == 80
    assert Probes(plan, TEXTS).numbers == Probes(plan, pool(400)).numbers
    assert Probes(SessionPlan("teach", ("PLANT",), seed=6), TEXTS).numbers != Probes(plan, TEXTS).numbers


def test_set_aside_are_the_texts_with_the_least_numbers():
    ordered = sorted(TEXTS.texts, key=lambda text: number_of(5, text.text))
    found = Probes(SessionPlan("teach", ("PLANT",), seed=5), TEXTS).numbers
    assert found == {text.number for text in ordered[:80]}


@pytest.mark.parametrize(
    "plan", [SessionPlan("manual", ("PLANT",)), SessionPlan("teach", ("PLANT",), probe_share=0.0)]
)
def test_where_nothing_is_probed_nothing_is_set_aside(plan):
    assert not Probes(plan, TEXTS).numbers


def test_permanent_numbers_are_spread_evenly():
    found = [number_of(1, text, place) for text in range(400) for place in range(10)]
    counts = np.histogram(found, bins=20, range=(0, 1))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 45.3  # chi-square with 19 degrees of freedom: 0.06 %


def few(answers, probability=0.7, elsewhere=()):
    """Probes of a version that predicts one span in each text, answered so (None: not yet) in their order.

    ``elsewhere`` are answers about texts that are not set aside.
    """
    chances = {
        text.number: (SpanCandidate(0, 1, "PLANT", probability, 0.7, None, predicted=True),)
        for text in TEXTS.texts
    }
    pool_predictions = PoolPredictions(1, None, chances, ())
    probes = Probes(SessionPlan("teach", ("PLANT",), seed=1), TEXTS)
    aside = [number for number, _ in probes.predicted(pool_predictions)]
    others = [text.number for text in TEXTS.texts if text.number not in probes.numbers]
    said = {**dict(zip(aside, answers, strict=False)), **dict(zip(others, elsewhere, strict=False))}
    judge = Judge({(number, 0): right for number, right in said.items()})
    judge.told = {number: {0} for number, right in said.items() if right is not None}
    return probes, pool_predictions, judge.known


def test_a_span_that_is_predicted_anew_does_not_undo_what_was_judged_after_it():
    whole = Probes.precision(*few([True, False] * 20))
    gap = Probes.precision(*few([None, *[True, False] * 20]))
    assert gap.estimate == pytest.approx(whole.estimate, abs=0.01)
    assert gap.high - gap.low < 1.05 * (whole.high - whole.low)


def test_what_answers_have_settled_counts_as_it_is():
    """Against the formula, by hand: 320 texts elsewhere, 200 of them settled, all right; 80 set aside."""
    found = Probes.precision(*few([True] * 6 + [False] * 4, 0.9, [True] * 200))
    unknown, off = 120 + 70, [0.1] * 6 + [-0.9] * 4
    estimate = (200 + 6 + unknown * (0.9 + np.mean(off))) / 400
    assert found.estimate == pytest.approx(estimate)
    spread = np.std([*off, 0.1, -0.9]) * math.sqrt(1 / 10 + 1 / unknown) * unknown / 400
    assert found.low == pytest.approx(estimate - 1.959964 * spread)
    assert found.high == pytest.approx(estimate + 1.959964 * spread)


def test_where_everything_is_settled_nothing_is_estimated():
    found = Probes.precision(*few([True] * 60 + [False] * 20, 0.2, [True] * 320))
    assert found.estimate == pytest.approx(380 / 400)
    assert found.low == found.high == found.estimate


def test_a_few_that_agree_do_not_feign_certainty():
    found = Probes.precision(*few([True] * 3, 0.99))
    assert found.estimate == 1.0
    assert found.low < 0.8


def test_without_an_answered_probe_nothing_is_estimated():
    assert Probes.precision(*few([], 0.9, [True] * 200)) is None


def test_in_a_large_pool_each_version_sees_a_part_of_the_texts_that_stands_for_all():
    probes, pool_predictions, known = few([True] * 40 + [False] * 40, 0.5, [True] * 320)
    half = [number for number in pool_predictions.chances if number not in probes.numbers][::2]
    chances = {number: pool_predictions.chances[number] for number in sorted({*half, *probes.numbers})}
    found = probes.precision(PoolPredictions(1, None, chances, ()), known)
    assert found.estimate == pytest.approx(360 / 400)


def test_what_is_set_aside_is_neither_learned_from_nor_asked_about_otherwise(play):
    session = play(texts_of=pool(120), probe_share=0.5, update_every=12)
    session.run(80)
    aside = {session.pool[number].doc.text for number in session.state.probes.numbers}
    reasons = {}
    for question in session.state.answer_index.questions.values():
        reasons.setdefault(question.reason == "probe", set()).add(question.text)
    assert reasons[True] <= aside
    assert not reasons[False] & aside
    assert not {target.doc.text for target in session.state.learnable()} & aside
    assert session.state.standing(pool_predictions=session.pool_predictions).precision is not None
