"""The fitted temperature against answers that were drawn at a known one, and against trying them all."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nerture import calibration
from nerture.calibration import COOLEST, HOTTEST, fit_temperature
from nerture.core.doc import Doc
from nerture.core.learner import Learner
from nerture.core.settings import ModelSettings
from nerture.core.target import Target
from nerture.errors import DataError
from nerture.scorer import judged, score

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
    """Targets that are true to the learner's probabilities at this temperature."""
    return [
        Target(doc, tuple(doc.span(*span) for span in exact.sample(1, seed)[0]))
        for seed, (doc, exact) in enumerate(zip(docs, learner.derivations(docs, temperature), strict=True))
    ]


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_that_the_answers_were_drawn_at_is_found(true):
    learner = random_learner()
    targets = drawn(learner, texts(800), true)
    assert fit_temperature(learner, targets) == pytest.approx(true, rel=0.15)
    learner.temperature = 3.0
    assert fit_temperature(learner, targets) == pytest.approx(true, rel=0.15), "what it is now does not count"


def test_probabilities_that_are_calibrated_come_true():
    learner = random_learner()
    docs = texts(3000)
    targets = drawn(learner, docs, 2.5)
    learner.temperature = fit_temperature(learner, targets[:1500])
    report = score(targets[1500:], learner.predict(docs[1500:]), learner.labels).reliability
    assert report.ece < 2 * report.ece_band()[1]
    learner.temperature = 1.0
    report = score(targets[1500:], learner.predict(docs[1500:]), learner.labels).reliability
    assert report.ece > 4 * report.ece_band()[1]


def naive_loss(learner, targets, temperature):
    """The log-loss with smoothed answers, text by text, straight from its words."""
    docs = [target.doc for target in targets]
    pairs = []
    for target, found, exact in zip(
        targets, learner.predict(docs), learner.derivations(docs, temperature), strict=True
    ):
        for span, right in judged(target, found):
            pairs.append((exact.span_probability(span.start, span.end, span.label), right))
    good = sum(right for _, right in pairs)
    total = 0.0
    for probability, right in pairs:
        wanted = (good + 1) / (good + 2) if right else 1 / (len(pairs) - good + 2)
        total -= wanted * math.log(max(probability, 1e-12))
        total -= (1 - wanted) * math.log(max(1 - probability, 1e-12))
    return total


@pytest.mark.parametrize("kind", ["drawn", "all right", "all wrong", "partly known"])
def test_no_other_temperature_is_better(kind):
    learner, docs = random_learner(), texts(40)
    targets = drawn(learner, docs, 1.5)
    if kind == "all right":
        targets = [Target(doc, tuple(found)) for doc, found in zip(docs, learner.predict(docs), strict=True)]
    if kind == "all wrong":
        targets = [Target(doc) for doc in docs]
    if kind == "partly known":
        targets = [Target(target.doc, target.spans, frozenset("A")) for target in targets]
    best = fit_temperature(learner, targets)
    least = naive_loss(learner, targets, best)
    assert COOLEST <= best <= HOTTEST
    for other in np.geomspace(COOLEST, HOTTEST, 80):
        assert least <= naive_loss(learner, targets, other) * (1 + 1e-4)


def test_a_few_right_answers_make_nobody_certain():
    learner, docs = random_learner(), texts(100)
    right = [Target(doc, tuple(found)) for doc, found in zip(docs, learner.predict(docs), strict=True)]
    assert fit_temperature(learner, right[:1]) > 1.5 * fit_temperature(learner, right)


def test_a_text_is_as_good_long_as_in_pieces_and_a_part_stands_for_much(monkeypatch):
    learner = random_learner()
    targets = drawn(learner, texts(150), 2.0)
    whole = fit_temperature(learner, targets)
    monkeypatch.setattr(calibration, "MOST_WORDS", 1000)
    assert fit_temperature(learner, targets) == pytest.approx(whole, rel=0.3)
    (long,) = drawn(learner, texts(1, 1500), 2.0)
    monkeypatch.setattr(calibration, "MOST_WORDS", 10**9)
    in_pieces = fit_temperature(learner, [long])
    monkeypatch.setattr(calibration, "PIECE", 10**9)
    assert in_pieces == pytest.approx(fit_temperature(learner, [long]), rel=0.02)


def test_without_a_prediction_that_is_known_to_be_right_or_wrong_there_is_nothing_to_go_by():
    learner, docs = random_learner(), texts(5)
    unknown = [Target(doc, complete=False) for doc in docs]
    for targets in ([], unknown, [Target(Doc.from_words([]))]):
        with pytest.raises(DataError, match="finds no entity"):
            fit_temperature(learner, targets)
