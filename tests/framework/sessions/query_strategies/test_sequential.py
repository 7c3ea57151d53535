"""The modes that go through the texts: what they ask, and what the answers are taken to say."""

from __future__ import annotations

import numpy as np

from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.sessions.live.state import SessionState
from nerture.sessions.plan import SessionPlan

from ....support.plants import drain, gold, offered, pool, texts


def test_manual_shows_every_text_once_in_order(play):
    session = play("manual", texts_of=pool(12, ("leeks",)))
    asked = drain(session)
    assert [question.text for question in asked] == texts(12)
    assert all(question.kind == "text" for question in asked)
    assert session.state.standing().remaining == 0
    said = {
        target.doc.text: tuple((s.start_char, s.end_char, s.label) for s in target.spans)
        for target in session.state.learnable()
    }
    assert said == {text: gold(text) for text in texts(12)}


def test_match_asks_about_every_hit_and_keeps_the_patterns_records(play):
    session = play("match", texts_of=pool(30, ("leeks", "week")))
    wanted = [(t, w) for t in texts(30) for w in t.split() if w in ("leeks", "week")]
    asked = drain(session)
    assert [(q.text, q.text[q.spans[0].start_char : q.spans[0].end_char]) for q in asked] == wanted
    leeks = sum(word == "leeks" for _, word in wanted)
    assert session.state.records.counts("leeks") == (leeks, 0)
    assert session.state.records.counts("week") == (0, len(wanted) - leeks)
    assert session.state.records.reliability("leeks") > 0.85 > 0.5 > session.state.records.reliability("week")
    assert asked[-1].record is not None


def test_correct_offers_what_the_model_finds(play):
    session = play("correct", texts_of=pool(25), update_every=5)
    session.run(25)
    known = {question.version for question in session.state.answer_index.questions.values()}
    assert len(known) > 2
    question = list(session.state.answer_index.questions.values())[-1]
    assert question.version == max(known)
    assert session.state.standing().complete_texts == 25


def test_gold_offers_the_best_analysis_that_agrees_with_what_is_known():
    doc = Doc(texts(1)[0])
    place = doc.char_span(*gold(doc.text)[0])
    partial = Target(doc, (place,), frozenset(), origin=Origin("clicks"))
    state = SessionState(SessionPlan("gold", ("PLANT",)), pool(10), told=[partial])
    question = state.propose("ann", 0.0)
    assert question.text == doc.text
    assert offered(question) == list(gold(doc.text))
    assert state.standing().remaining == 1


def test_gold_keeps_to_answers_whatever_the_model_thinks(play, small_learner):
    doc = Doc(texts(1)[0])
    rejected = doc.span(0, 1, "PLANT")
    accepted = doc.span(2, 4, "PLANT")
    partial = Target(doc, (accepted,), frozenset(), (rejected,))
    session = play("gold", texts_of=pool(10), told=[partial])
    rng = np.random.default_rng(0)
    for _ in range(5):
        small_learner.weights.flat[:] = rng.normal(0, 0.3, small_learner.weights.flat.shape)
        pool_predictions = session.state.look(small_learner, 1, session.state.snapshot())
        found = {(doc.char_span(*span).start, doc.char_span(*span).end)
                 for span in offered(session.state.propose("ann", 0.0, pool_predictions))}  # fmt: skip
        assert (2, 4) in found
        assert (0, 1) not in found
