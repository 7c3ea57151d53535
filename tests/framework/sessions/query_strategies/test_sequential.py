"""The modes that go through the texts in order: their questions, and the resulting targets."""

from __future__ import annotations

import numpy as np

from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.sessions.live.state import SessionState
from nerture.sessions.plan import SessionPlan

from ....support.plants import drain, gold, pool, suggested_spans, texts


def test_manual_shows_every_text_once_in_order(play):
    session = play("manual", texts_of=pool(12, ("leeks",)))
    asked = drain(session)
    assert [question.text for question in asked] == texts(12)
    assert all(question.kind == "text" for question in asked)
    assert session.state.progress().remaining == 0
    found = {
        target.doc.text: tuple((s.start_char, s.end_char, s.label) for s in target.spans)
        for target in session.state.training_targets()
    }
    assert found == {text: gold(text) for text in texts(12)}


def test_match_asks_about_every_hit_and_counts_answers_by_pattern(play):
    session = play("match", texts_of=pool(30, ("leeks", "week")))
    wanted = [(t, w) for t in texts(30) for w in t.split() if w in ("leeks", "week")]
    asked = drain(session)
    assert [(q.text, q.text[q.spans[0].start_char : q.spans[0].end_char]) for q in asked] == wanted
    leeks = sum(word == "leeks" for _, word in wanted)
    stats = session.state.pattern_stats
    assert stats.counts("leeks") == (leeks, 0)
    assert stats.counts("week") == (0, len(wanted) - leeks)
    assert stats.reliability("leeks") > 0.85 > 0.5 > stats.reliability("week")
    assert asked[-1].record is not None


def test_correct_suggests_what_the_model_finds(play):
    session = play("correct", texts_of=pool(25), update_every=5)
    session.run(25)
    known = {question.version for question in session.state.answer_index.questions.values()}
    assert len(known) > 2
    question = list(session.state.answer_index.questions.values())[-1]
    assert question.version == max(known)
    assert session.state.progress().complete_texts == 25


def test_gold_suggests_the_best_analysis_that_agrees_with_prior_targets():
    doc = Doc(texts(1)[0])
    place = doc.char_span(*gold(doc.text)[0])
    partial = Target(doc, (place,), frozenset(), origin=Origin("clicks"))
    state = SessionState(SessionPlan("gold", ("PLANT",)), pool(10), prior_targets=[partial])
    question = state.propose("ann", 0.0)
    assert question.text == doc.text
    assert suggested_spans(question) == list(gold(doc.text))
    assert state.progress().remaining == 1


def test_gold_agrees_with_prior_targets_whatever_the_model_predicts(play, small_learner):
    doc = Doc(texts(1)[0])
    rejected = doc.span(0, 1, "PLANT")
    accepted = doc.span(2, 4, "PLANT")
    partial = Target(doc, (accepted,), frozenset(), (rejected,))
    session = play("gold", texts_of=pool(10), prior_targets=[partial])
    rng = np.random.default_rng(0)
    for _ in range(5):
        small_learner.weights.flat[:] = rng.normal(0, 0.3, small_learner.weights.flat.shape)
        pool_predictions = session.state.predict_pool(small_learner, 1, session.state.snapshot())
        question = session.state.propose("ann", 0.0, pool_predictions)
        spans = [doc.char_span(*span) for span in suggested_spans(question)]
        found = {(span.start, span.end) for span in spans}
        assert (2, 4) in found
        assert (0, 1) not in found
