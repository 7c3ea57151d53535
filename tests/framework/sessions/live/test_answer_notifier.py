"""Plugins are notified of every saved answer: once, in order, in the background, whatever they do."""

from __future__ import annotations

import threading

import pytest

from nerture.errors import DataError, PluginError, StoreError
from nerture.interfaces import CharSpan
from nerture.sessions.live import answer_notifier as module
from nerture.sessions.live.answer_notifier import AnswerNotifier
from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.live.state import SessionState

from ....support.live_parts import make_plan, make_pool, reply


@pytest.fixture
def heard():
    """The notified events, and the lines that an `AnswerNotifier` prints."""
    return [], []


@pytest.fixture
def notifier(heard):
    events, lines = heard

    def notify(answer):
        events.append(answer)
        return {}

    with AnswerNotifier(notify, lines.append) as notifier:
        yield notifier


@pytest.fixture
def begin(store, notifier):
    sessions = []

    def begin(saved=notifier, **changes):
        log = store.session("drugs", {"mode": "match"})
        plan, pool = make_plan(**changes), make_pool()
        sessions.append(LiveSession(log, lambda: SessionState(plan, pool), saved=saved))
        return sessions[-1]

    yield begin
    for session in sessions:
        session.close()


def answered(session, count, annotator="ann"):
    ids = []
    for _ in range(count):
        (question,) = session.questions(annotator)
        answer = reply(question, annotator=annotator)
        session.answer(answer)
        ids.append(answer.id)
    return ids


def test_plugins_are_notified_of_every_answer_once_and_in_order(begin, notifier, heard):
    session = begin()
    ids = answered(session, 5)
    (question,) = session.questions("ann")
    answer = reply(question, "reject", id="twice", seconds=2.5, time=1700000000.0, flagged=True)
    session.answer(answer)
    session.answer(answer)
    notifier.close()
    events, lines = heard
    assert [event.id for event in events] == [*ids, "twice"]
    assert lines == []
    last = events[-1]
    assert (last.dataset, last.annotator, last.verdict, last.flagged) == ("drugs", "ann", "reject", True)
    assert (last.seconds, last.time) == (2.5, 1700000000.0)
    (span,) = question.spans
    assert last.spans == last.suggested == (CharSpan(span.start_char, span.end_char, span.label),)
    assert (last.question, last.text, last.kind, last.mode) == (question.id, question.text, "span", "match")
    assert (last.reason, last.labels, last.version) == ("pattern", ("DRUG",), 0)
    assert dict(last.fields) == dict(question.fields)
    with pytest.raises(TypeError):
        last.fields["text"] = "another"
    last.fields["meta"]["number"] = -1
    assert question.fields["meta"]["number"] != -1


def test_an_answer_is_on_disk_before_plugins_are_notified(begin, store, heard):
    seen = []
    with AnswerNotifier(
        lambda answer: seen.append(store.has_answer("drugs", answer.id)) or {}, print
    ) as notifier:
        answered(begin(notifier), 4)
    assert seen == [True] * 4


def test_a_restart_repeats_no_notification(begin, notifier, heard):
    ids = answered(begin(), 3)
    again = begin()
    more = answered(again, 2)
    notifier.close()
    assert [answer.id for answer in heard[0]] == [*ids, *more]


def test_answers_through_another_session_are_not_notified(begin, notifier, heard):
    own, other = begin(), begin(None)
    theirs = answered(other, 2, "bob")
    ids = answered(own, 2)
    own.answer(reply(other.history("bob", 1)[0][0], id=theirs[-1], annotator="bob"))
    notifier.close()
    assert [answer.id for answer in heard[0]] == ids


def test_an_answer_that_a_failing_store_saved_is_notified_when_it_is_sent_again(
    begin, notifier, heard, monkeypatch
):
    session = begin()
    (question,) = session.questions("ann")
    answer, append = reply(question), session._log.append

    def fails(*given):
        append(*given)
        raise StoreError("the connection was lost")

    monkeypatch.setattr(session._log, "append", fails)
    with pytest.raises(DataError, match="connection was lost"):
        session.answer(answer)
    monkeypatch.setattr(session._log, "append", append)
    session.answer(answer)
    session.answer(answer)
    more = answered(session, 1)
    notifier.close()
    assert [event.id for event in heard[0]] == [answer.id, *more]


def test_a_saved_answer_that_is_not_sent_again_is_notified_at_the_end(begin, notifier, heard, monkeypatch):
    session = begin()
    (saved, lost) = session.questions("ann", 2)
    append = session._log.append

    def saves(*given):
        append(*given)
        raise StoreError("the connection was lost")

    def loses(*given):
        raise StoreError("the disk is full")

    first = reply(saved)
    for answer, failing in ((first, saves), (reply(lost), loses)):
        monkeypatch.setattr(session._log, "append", failing)
        with pytest.raises(DataError):
            session.answer(answer)
    monkeypatch.setattr(session._log, "append", append)
    session.close()
    notifier.close()
    assert [event.id for event in heard[0]] == [first.id]


def test_a_slow_plugin_delays_nobody_and_misses_nothing(begin):
    resume, notified = threading.Event(), []

    def slow(answer):
        assert resume.wait(120)
        notified.append(answer.id)
        return {}

    with AnswerNotifier(slow, print) as notifier:
        ids = answered(begin(notifier), 20)
        assert notified == []
        resume.set()
    assert notified == ids


def test_failures_are_printed_once_and_counted_at_the_end(begin):
    lines = []
    errors = {"mine": PluginError("plugin mine 1: hook nerture_answer_saved: OSError: gone")}
    with AnswerNotifier(lambda answer: errors, lines.append) as notifier:
        session = begin(notifier)
        answered(session, 4)
        session.close()
    assert [line.splitlines()[0] for line in lines] == [str(errors["mine"])] * 2
    assert "The answer is saved, and the session continues." in lines[0]
    assert "This plugin failed 4 times, of 4 answers." in lines[1]


def test_after_ctrl_c_the_number_of_missed_answers_is_printed(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    resume, lines = threading.Event(), []

    def say(line):
        lines.append(line)
        if len(lines) == 1:
            raise KeyboardInterrupt

    notifier = AnswerNotifier(lambda answer: resume.wait(120) and {}, say)
    question = SessionState(make_plan(), make_pool()).propose("ann", 0.0)
    for _ in range(3):
        notifier("drugs", question, reply(question))
    notifier.close()
    resume.set()
    assert lines == [
        "Notifying plugins of 3 answers; press Ctrl-C to stop.",
        "Plugins were not notified of 3 answers; all answers are saved.",
    ]
