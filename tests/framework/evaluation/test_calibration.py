"""The fitted calibration against answers that were drawn by a known one, and against its definition."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.evaluation import calibration as calibration_module
from nerture.evaluation.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE, fit_calibration
from nerture.evaluation.scorer import judge_spans, score

SMALL = ModelSettings(width=16, depth=1, pieces=2, hidden=8)


def random_learner(**options):
    learner = Learner(("A", "B"), SMALL, 3, **options)
    rng = np.random.default_rng(7)
    for name in ("closed.weight", "open.weight"):
        learner.weights[name] = 0.7 * rng.normal(size=learner.weights.shapes[name])
    return learner


def texts(count, words=12):
    rng = np.random.default_rng(1)
    return [Doc.from_words([f"{word}" for word in rng.integers(0, 300, words)]) for _ in range(count)]


def drawn(learner, docs, temperature):
    """Targets that are true to the learner's probabilities at this temperature (None: calibrated)."""
    return [
        Target(doc, tuple(doc.span(*span) for span in exact.sample(1, seed)[0]))
        for seed, (doc, exact) in enumerate(zip(docs, learner.derivations(docs, temperature), strict=True))
    ]


OFFSETS = [{}, {"A": 1.0, "B": -1.0}]


@pytest.mark.parametrize("offsets", OFFSETS)
@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_what_the_answers_were_drawn_from_is_found(true, offsets):
    learner = random_learner()
    learner.calibration = Calibration(true, offsets)
    targets = drawn(learner, texts(1500), None)
    learner.calibration = UNCHANGED
    found = fit_calibration([(learner, targets)])
    assert found.temperature == pytest.approx(true, rel=0.05)
    for label in "AB":
        assert found.offsets[label] == pytest.approx(offsets.get(label, 0.0), abs=0.2)


def test_the_calibration_that_a_learner_has_does_not_count():
    learner = random_learner()
    targets = drawn(learner, texts(60), 2.0)
    found = fit_calibration([(learner, targets)])
    learner.calibration = Calibration(3.0, {"B": 2.0})
    assert fit_calibration([(learner, targets)]) == found


def test_probabilities_that_are_calibrated_come_true_for_every_label():
    learner = random_learner()
    docs = texts(3000)
    learner.calibration = Calibration(2.0, {"A": 1.0, "B": -1.0})
    targets = drawn(learner, docs, None)

    def measured():
        found = learner.predict(docs[1500:])
        alone = [[[span for span in spans if span.label == one] for spans in found] for one in "AB"]
        complete = [Target(t.doc, t.spans, frozenset("AB")) for t in targets[1500:]]
        return [score(complete, spans, learner.labels).reliability for spans in alone]

    learner.calibration = fit_calibration([(learner, targets[:1500])])
    for known in measured():
        assert known.ece < 2 * known.ece_band()[1]
    learner.calibration = UNCHANGED
    assert any(known.ece > 4 * known.ece_band()[1] for known in measured())


def calibrated(learner, docs, calibration):
    learner.calibration, before = calibration, learner.calibration
    found = list(learner.derivations(docs))
    learner.calibration = before
    return found


def every_span(learner, doc):
    for start in range(len(doc)):
        for end in range(start + 1, min(start + learner.longest, len(doc)) + 1):
            for label in learner.labels:
                yield doc.span(start, end, label)


def naive_loss(learner, targets, calibration):
    """The log-loss with smoothed answers and the prior's, span by span, straight from its words."""
    docs = [target.doc for target in targets]
    pairs = []
    for target, raw, exact in zip(
        targets, learner.derivations(docs, 1.0), calibrated(learner, docs, calibration), strict=True
    ):
        likely = [
            span
            for span in every_span(learner, target.doc)
            if raw.span_probability(span.start, span.end, span.label) >= calibration_module.MIN_PROBABILITY
        ]
        pairs += [
            (exact.span_probability(span.start, span.end, span.label), right)
            for span, right in judge_spans(target, likely)
        ]
    good = sum(right for _, right in pairs)
    total = sum(offset**2 / 2 for offset in calibration.offsets.values())
    for probability, right in pairs:
        wanted = (good + 1) / (good + 2) if right else 1 / (len(pairs) - good + 2)
        total -= wanted * math.log(max(probability, 1e-12))
        total -= (1 - wanted) * math.log(max(1 - probability, 1e-12))
    return total


def test_what_is_not_found_comes_true_as_well():
    """Spans that nobody would bet on: as many of them are there as their probabilities sum to."""
    learner = random_learner()
    docs = texts(1000)
    learner.calibration = Calibration(2.0, {"A": 1.0, "B": -1.0})
    targets = drawn(learner, docs, None)
    fitted = fit_calibration([(learner, targets[:500])])
    for label in "AB":
        known = []
        for target, exact in zip(targets[500:], calibrated(learner, docs[500:], fitted), strict=True):
            spans = [span for span in every_span(learner, target.doc) if span.label == label]
            known += zip(exact.probabilities_of(spans), (span in target.spans for span in spans), strict=True)
        for low, high in ((0.01, 0.05), (0.05, 0.2)):
            chosen = np.array([pair for pair in known if low <= pair[0] < high], dtype=float)
            chance = math.sqrt((chosen[:, 0] * (1 - chosen[:, 0])).sum())
            assert abs(chosen[:, 1].sum() - chosen[:, 0].sum()) < 4 * chance + 0.05 * chosen[:, 0].sum()


@pytest.mark.parametrize("kind", ["drawn", "all right", "all wrong", "partly known"])
def test_no_other_calibration_is_better(kind):
    learner, docs = random_learner(), texts(15)
    targets = drawn(learner, docs, 1.5)
    if kind == "all right":
        targets = [Target(doc, tuple(found)) for doc, found in zip(docs, learner.predict(docs), strict=True)]
    if kind == "all wrong":
        targets = [Target(doc) for doc in docs]
    if kind == "partly known":
        targets = [Target(target.doc, target.spans, frozenset("A")) for target in targets]
    best = fit_calibration([(learner, targets)])
    assert set(best.offsets) == {"A", "B"}
    least = naive_loss(learner, targets, best)
    assert MIN_TEMPERATURE <= best.temperature <= MAX_TEMPERATURE
    for other in np.geomspace(MIN_TEMPERATURE, MAX_TEMPERATURE, 30):
        assert least <= naive_loss(learner, targets, replace(best, temperature=other)) * (1 + 1e-6)
    rng = np.random.default_rng(3)
    for size in (0.01, 0.1, 1, 3):
        for _ in range(10):
            moved = {label: offset + size * rng.normal() for label, offset in best.offsets.items()}
            degrees = min(
                max(best.temperature * math.exp(size * rng.normal()), MIN_TEMPERATURE), MAX_TEMPERATURE
            )
            assert least <= naive_loss(learner, targets, Calibration(degrees, moved)) * (1 + 1e-6)


def test_a_few_right_answers_do_not_make_certain():
    learner, docs = random_learner(), texts(100)
    right = [Target(doc, tuple(found)) for doc, found in zip(docs, learner.predict(docs), strict=True)]
    few, many = fit_calibration([(learner, right[:1])]), fit_calibration([(learner, right)])
    assert few.temperature > 1.5 * many.temperature


def test_a_label_of_few_entities_keeps_its_probabilities():
    learner, docs = random_learner(), texts(300)
    wrong = [Target(doc, (), frozenset("A")) for doc in docs]
    offsets = [fit_calibration([(learner, wrong[:count])]).offsets["A"] for count in (2, 20, 300)]
    assert 0 > offsets[0] > offsets[1] > offsets[2]
    assert offsets[0] > -1


def test_a_text_is_as_good_long_as_in_pieces_and_a_part_stands_for_much(monkeypatch):
    learner = random_learner()
    targets = drawn(learner, texts(150), 2.0)
    whole = fit_calibration([(learner, targets)]).temperature
    monkeypatch.setattr(calibration_module, "MAX_WORDS", 1000)
    assert fit_calibration([(learner, targets)]).temperature == pytest.approx(whole, rel=0.3)
    (long,) = drawn(learner, texts(1, 1500), 2.0)
    monkeypatch.setattr(calibration_module, "MAX_WORDS", 10**9)
    in_pieces = fit_calibration([(learner, [long])]).temperature
    monkeypatch.setattr(calibration_module, "MAX_PIECE_WORDS", 10**9)
    assert in_pieces == pytest.approx(fit_calibration([(learner, [long])]).temperature, rel=0.02)


def test_calibration_needs_known_predictions():
    learner, docs = random_learner(), texts(5)
    unknown = [Target(doc, complete=False) for doc in docs]
    for targets in ([], unknown, [Target(Doc.from_words([]))]):
        with pytest.raises(DataError, match="finds no entity"):
            fit_calibration([(learner, targets)])
