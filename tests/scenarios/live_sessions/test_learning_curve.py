"""The learning curve of a live session: logged, the same after a crash, and read from old logs, too."""

from __future__ import annotations

import json

import pytest

from nerture.sessions.answers.question import Question, SuggestedSpan
from nerture.sessions.log.answer_index import AnswerIndex
from nerture.sessions.log.event_codec import from_log, to_log
from nerture.sessions.log.events import Asked, Learned, Undone
from nerture.store.records import LoggedEvent

from ...support.live_parts import DRUGS, LABELS, make_pool, reply
from ...support.waiting import rest


@pytest.fixture
def opened(reopening, monkeypatch):
    """Open a session about whole texts repeatedly on one store, as after crashes."""
    monkeypatch.setattr("nerture.sessions.estimates.expected_f1.MIN_READ_TEXTS", 4)
    return reopening(make_pool(60), ask="text")


def right(question):
    """The complete right answer about a text."""
    spans = [
        (question.text.index(drug), question.text.index(drug) + len(drug), "DRUG")
        for drug in DRUGS
        if drug in question.text
    ]
    return reply(question, spans=tuple(sorted(spans)), seconds=2.0)


def test_the_curve_is_the_same_after_a_crash(opened, tmp_path, monkeypatch):
    before = opened(tmp_path / "versions")
    for _ in range(12):
        (question,) = before.questions("ann")
        before.answer(right(question))
        assert before.settle(120)
    rest(before)
    before.undo("ann")
    curve = before.progress().curve
    assert [answers for answers, _ in curve] == [6, 9, 12]
    assert all(0 <= f1 <= 1 for _, f1 in curve)
    assert before.progress("bob").curve == curve
    assert curve[-1][1] == before._trainer.pool_predictions.f1
    for checkpoints in (None, tmp_path / "versions"):
        after = opened(checkpoints)
        assert after.settle(120)
        assert after.progress() == before.progress()
        assert after._trainer.pool_predictions.f1 == before._trainer.pool_predictions.f1
    monkeypatch.setattr("nerture.sessions.estimates.expected_f1.MIN_READ_TEXTS", 1000)
    after = opened()  # logged estimates are kept, whatever would be estimated now
    assert after.settle(120)
    assert after.progress().curve == curve


def test_the_expected_f1_is_read_from_the_log_and_does_not_distinguish_versions():
    event = Learned(3, 40, 0.1 + 0.2)
    logged = to_log(event, 1.0)
    back = from_log(LoggedEvent(logged.kind, json.loads(json.dumps(logged.body)), logged.time))
    assert back.f1 == event.f1
    assert back == Learned(3, 40) == event
    assert hash(back) == hash(Learned(3, 40))
    old = from_log(LoggedEvent("learned", {"version": 3, "events": 40}, 1.0))
    assert old == event
    assert old.f1 is None


def test_after_undo_the_curve_continues_from_fewer_answers():
    answer_index = AnswerIndex()
    asked = [
        Question(f"kale {n}", ((0, 4),), "span", (SuggestedSpan(0, 4, "DRUG"),), LABELS, "teach", "model")
        for n in range(4)
    ]
    for question in asked:
        answer_index.apply(Asked(question, "ann", 10.0))

    def learn(f1):
        answer_index.apply(Learned(answer_index.version + 1, answer_index.events, f1))

    learn(None)
    for number in range(3):
        answer_index.apply(reply(asked[number], id=f"a{number}"))
        learn(0.1 * number)
    assert answer_index.curve == [(1, 0.0), (2, 0.1), (3, 0.2)]
    answer_index.apply(Undone("a2", "ann"))
    answer_index.apply(Undone("a1", "ann"))
    assert answer_index.curve[-1] == (3, 0.2)  # the version is still trained on it
    learn(0.05)
    assert answer_index.curve == [(1, 0.05)]
    answer_index.apply(reply(asked[3], id="a3"))
    learn(0.07)
    assert answer_index.curve == [(1, 0.05), (2, 0.07)]
