"""Candidates: gains and seconds, compared with plain sums over the pool."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from nerture.core.annotations.record import Record
from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.plugins.sorters import Uncertain
from nerture.sessions.estimates.answer_speed import AnswerSpeed
from nerture.sessions.estimates.online_calibration import OnlineCalibration
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.query_strategies.acquisition import (
    ALIKE,
    MIN_ASKED_PROBABILITY,
    PARTIAL,
    SURPRISE,
    predict_pool,
)

from ....support.plants import Words, pool

PLAN = SessionPlan("teach", ("PLANT",), probe_share=0.0)


def entropy(p):
    return -sum(q * math.log(q) for q in (p, 1 - p) if q > 0)


def predict(plan, texts_of, snapshot, learner=None, held_out=frozenset()):
    """Return the pool predictions and the question candidates passed to the sorter."""
    seen = []

    def sorter(candidates, seed):
        seen.extend(candidates)
        return list(range(len(candidates)))

    return predict_pool(plan, texts_of, sorter, snapshot, learner=learner, version=1, held_out=held_out), seen


def test_gain_and_time_of_every_candidate(small_learner):
    texts_of = pool(40, ("leeks", "week"))
    doc = texts_of[0].doc
    done = Target(doc, (doc.span(2, 3, "PLANT"),), frozenset({"PLANT"}))
    other = texts_of[5].doc
    rejected = Target(other, (), frozenset(), (other.span(0, 1, "PLANT"),))
    curve, answer_speed = OnlineCalibration(0.9, -0.2), AnswerSpeed(1.1, 0.8)
    snapshot = TrainingSnapshot((done, rejected), {}, 0.8, curve, answer_speed, unseen_rate=0.03)
    pool_predictions, candidates = predict(PLAN, texts_of, snapshot, small_learner)

    docs = [text.doc for text in texts_of.texts]
    spans = {
        (number, span.start, span.end): curve(span.score)
        for number, one in enumerate(small_learner.probable_spans(docs, 0.01))
        for span in one.spans
    }
    lower = {key: " ".join(docs[key[0]].words[key[1] : key[2]]).lower() for key in spans}
    answered = Counter([doc.words[2].lower(), other.words[0].lower()])
    forms = Counter(word.lower() for target in (done, rejected) for word in target.doc.words)

    def gain(key):
        everywhere = sum(entropy(p) for other_key, p in spans.items() if lower[other_key] == lower[key])
        own = entropy(spans[key])
        return own + ALIKE / (1 + answered[lower[key]]) * (everywhere - own)

    assert 0 not in {candidate.place for candidate in candidates}  # it is complete
    texts = {c.place: c for c in candidates if c.kind == "text"}
    assert set(texts) == set(range(1, 40))
    for number, candidate in texts.items():
        keys = [key for key in spans if key[0] == number]
        new = sum(1 / (1 + forms[word.lower()]) for word in docs[number].words)
        assert candidate.gain == pytest.approx(sum(map(gain, keys)) + SURPRISE * 0.03 * new)
        assert candidate.uncertainty == pytest.approx(sum(entropy(spans[key]) for key in keys))
        edits = sum(min(spans[key], 1 - spans[key]) for key in keys)
        assert candidate.seconds == pytest.approx(0.8 * (1.5 + 0.17 * len(docs[number]) + 3 * edits))
    asked = [key for key in spans if key[0] and spans[key] >= MIN_ASKED_PROBABILITY]
    found = sorted((c.place, c.surface, round(c.gain, 9), c.seconds) for c in candidates if c.kind == "span")
    assert found == sorted((key[0], lower[key], round(PARTIAL * gain(key), 9), 2.75) for key in asked)
    assert next(ref.text for ref in pool_predictions.order if ref.candidate is None) in texts


@pytest.mark.parametrize(
    ("ask", "kinds"), [("span", {"span"}), ("text", {"text"}), ("both", {"span", "text"})]
)
def test_only_allowed_kinds_of_questions_are_candidates(ask, kinds, small_learner):
    plan = SessionPlan("teach", ("PLANT",), ask=ask)
    _, candidates = predict(plan, pool(20), TrainingSnapshot((), {}, 0.8), small_learner)
    assert {candidate.kind for candidate in candidates} == kinds


def test_held_out_texts_are_predicted_and_not_asked_about(small_learner):
    pool_predictions, candidates = predict(
        PLAN, pool(20), TrainingSnapshot((), {}, 0.8), small_learner, frozenset({3, 4})
    )
    assert {3, 4} <= set(pool_predictions.candidates)
    assert not {3, 4} & {candidate.place for candidate in candidates}


def test_questions_that_exceed_the_surface_cap_come_last():
    rows = [Record(f"kale in bed {n}", Origin("t")) for n in range(6)] + [
        Record("leeks in bed 9", Origin("t"))
    ]
    texts_of = Pool(rows, lambda record: Doc(record.text), [Words("kale", "leeks")])
    plan = SessionPlan("teach", ("PLANT",), ask="span", surface_cap=2, probe_share=0.0)
    pool_predictions = predict_pool(
        plan,
        texts_of,
        Uncertain(),
        TrainingSnapshot((), {}, 0.8),
        learner=None,
        version=0,
        held_out=frozenset(),
    )
    assert [ref.text for ref in pool_predictions.order] == [0, 1, 6, 2, 3, 4, 5]


def test_each_version_predicts_other_texts_of_a_large_pool(small_learner, monkeypatch):
    monkeypatch.setattr("nerture.sessions.query_strategies.acquisition.MAX_TEXTS", 30)
    texts_of, snapshot = pool(100), TrainingSnapshot((), {}, 0.8)
    views = [
        predict_pool(
            PLAN, texts_of, Uncertain(), snapshot, learner=small_learner, version=v, held_out=frozenset({1})
        ) for v in (1, 2, 1)]  # fmt: skip
    assert all(30 <= len(view.candidates) <= 31 and 1 in view.candidates for view in views)
    assert views[0].order == views[2].order
    assert set(views[0].candidates) != set(views[1].candidates)
