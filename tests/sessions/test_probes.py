"""Probes against a truth that is known: what they estimate, how often the interval has it."""

import math

import numpy as np
import pytest

from nerture.core.target import Target
from nerture.sessions.outlook import Chance, Outlook
from nerture.sessions.plan import SessionPlan
from nerture.sessions.probes import Probes, number_of, wilson

from .conftest import pool

TEXTS = pool(400)


def version(rng, precision, share=0.9):
    """A version of a model that predicts spans of one word, and which of them are right."""
    chances, right = {}, {}
    for text in TEXTS.texts:
        found = []
        for place in range(2):
            if rng.random() < share:
                found.append(Chance(place, place + 1, "PLANT", 0.7, 0.7, None, predicted=True))
                right.setdefault((text.number, place), rng.random() < precision)
        chances[text.number] = tuple(found)
    return Outlook(1, None, chances, ()), right


def outlook_of(chances, keep):
    return Outlook(
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

    def ask(self, probes, outlook, count):
        for _ in range(count):
            probe = next(probes.unknown(outlook, self.known), None)
            if probe is None:
                return
            assert 0 < probe.sampling <= 1
            self.told.setdefault(probe.text, set()).add(probe.chance.start)


def test_the_estimate_is_unbiased_and_the_interval_has_the_truth_nineteen_times_in_twenty():
    """The model changes twice on the way; what it then predicts was partly judged before."""
    errors, covered, widths = [], 0, []
    sessions = 150
    for seed in range(sessions):
        rng = np.random.default_rng(seed)
        precision = rng.uniform(0.4, 0.95)
        outlook, right = version(rng, precision)
        probes = Probes(SessionPlan("teach", ("PLANT",), seed=seed), TEXTS)
        judge = Judge(right)
        judge.ask(probes, outlook, 25)
        for _ in range(2):  # a better model finds less of what is wrong, and little of what is new
            drop = {key for key, good in right.items() if rng.random() < (0.05 if good else 0.3)}
            outlook = outlook_of(outlook.chances, lambda n, p, drop=drop: (n, p) not in drop)
            judge.ask(probes, outlook, 25)
        truth = np.mean([right[n, c.start] for n, found in outlook.chances.items() for c in found])
        interval = probes.precision(outlook, judge.known)
        errors.append(interval.estimate - truth)
        covered += interval.low <= truth <= interval.high
        widths.append((interval.high - interval.low) / 2)
    assert covered / sessions >= 0.92
    assert abs(np.mean(errors)) < 3 * np.std(errors) / math.sqrt(sessions)
    assert np.mean(widths) < 0.11


def test_a_fifth_of_the_texts_is_set_aside_the_same_ones_for_a_seed():
    plan = SessionPlan("teach", ("PLANT",), seed=5)
    assert len(TEXTS) == 400
    assert len(Probes(plan, TEXTS).numbers) == 80
    assert Probes(plan, TEXTS).numbers == Probes(plan, pool(400)).numbers
    assert Probes(SessionPlan("teach", ("PLANT",), seed=6), TEXTS).numbers != Probes(plan, TEXTS).numbers


@pytest.mark.parametrize(
    "plan", [SessionPlan("manual", ("PLANT",)), SessionPlan("teach", ("PLANT",), probe_share=0.0)]
)
def test_where_nothing_is_probed_nothing_is_set_aside(plan):
    assert not Probes(plan, TEXTS).numbers


def test_permanent_numbers_are_spread_evenly():
    found = [number_of(1, text, place) for text in range(400) for place in range(10)]
    counts = np.histogram(found, bins=20, range=(0, 1))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 45.3  # chi-square with 19 degrees of freedom: 0.06 %


def test_wilson_against_its_definition():
    """Its bounds are the shares whose own standard error puts the observed one at 1.96."""
    for right, count in ((0, 5), (3, 10), (50, 60), (7, 7)):
        found = wilson(right, count)
        for bound in (found.low, found.high):
            if abs(bound - found.estimate) > 1e-6:
                spread = math.sqrt(bound * (1 - bound) / count)
                assert abs(found.estimate - bound) / spread == pytest.approx(1.959964, abs=1e-6)


def test_what_is_set_aside_is_neither_learned_from_nor_asked_about_otherwise(play):
    session = play(texts_of=pool(120), probe_share=0.5, learn_every=12)
    session.run(80)
    aside = {session.pool[number].doc.text for number in session.state.probes.numbers}
    reasons = {}
    for question in session.state.ledger.questions.values():
        reasons.setdefault(question.reason == "probe", set()).add(question.text)
    assert reasons[True] <= aside
    assert not reasons[False] & aside
    assert not {target.doc.text for target in session.state.learnable()} & aside
    assert session.state.standing(outlook=session.outlook).precision is not None
