"""The log of a session: each event once, in order, with what it does to the dataset; on both databases."""

import pytest

from nerture.errors import DataError
from nerture.store.records import LoggedEvent, LoggedQuestion, LogGoneError, LogMovedError, SavedAnswer
from nerture.store.store import Store

QUESTION = LoggedQuestion("0" * 32, "a \x00 text", {"why": "pattern", "spans": [[0, 1]]})


def asked(question=QUESTION):
    return LoggedEvent("asked", {"annotator": "ann", "until": 3.5}, 1.0, question)


def answered(id, text="a \x00 text"):
    answer = SavedAnswer(id, {"text": text, "answer": "accept"}, text=text, annotator="ann", verdict="accept")
    return LoggedEvent("answered", {"id": id}, 2.0, answer=answer)


def undone(id):
    return LoggedEvent("undone", {"answer": id, "annotator": "ann"}, 3.0, undoes=id)


def verdict(id):
    body = {
        "id": id,
        "words": ["a\x00", "\ud800", "b c"],
        "label": "X",
        "verdict": "accept",
        "annotator": "ann",
    }
    return LoggedEvent("judged", body, 3.5)


def read_events(log, first=0):
    return [(event.kind, event.body, event.time, event.question) for event in log.events(first)]


@pytest.fixture
def log(store):
    return store.session("fruits", {"mode": "teach", "seed": 0})


def test_events_come_back_in_order_after_the_store_was_opened_again(place, log):
    events = [asked(), answered("1"), asked(LoggedQuestion("1" * 32, "b", {})), verdict("2")]
    log.append(0, events[:2])
    log.append(2, events[2:])
    wanted = [(event.kind, event.body, event.time, event.question) for event in events]
    with Store.open(place, create=False) as again:
        same = again.session("fruits", {"seed": 0, "mode": "teach"})
        assert read_events(same) == wanted
        assert read_events(same, 2) == wanted[2:]
        assert read_events(again.session("fruits", {"mode": "manual"})) == []


def test_an_answer_is_in_the_dataset_and_gone_from_it_when_undone(store, log):
    log.append(0, [asked(), answered("1"), answered("2")])
    assert [answer.id for answer in store.answers("fruits")] == ["1", "2"]
    log.append(3, [undone("1")])
    assert [answer.id for answer in store.answers("fruits")] == ["2"]
    assert store.has_answer("fruits", "1")
    counted = store.statistics("fruits")
    assert (counted.answers, counted.undone, counted.sessions) == (1, 1, 1)
    assert [info.answers for info in store.datasets()] == [1]


def test_a_writer_that_has_not_read_the_whole_log_cannot_append(log):
    log.append(0, [asked()])
    for first in (0, 2):
        with pytest.raises(LogMovedError, match="moved on"):
            log.append(first, [answered("1")])
    assert len(read_events(log)) == 1


def test_a_judged_pattern_is_in_the_log_alone(store, log):
    log.append(0, [asked(), answered("1"), verdict("2")])
    assert [answer.id for answer in store.answers("fruits")] == ["1"]
    assert not store.has_answer("fruits", "2")
    with pytest.raises(LogMovedError):
        log.append(2, [verdict("3")])


def test_an_answer_with_a_known_id_changes_nothing(store, log):
    log.append(0, [asked(), answered("1")])
    with pytest.raises(LogMovedError):
        log.append(2, [answered("1")])
    other = store.session("fruits", {"mode": "manual"})
    with pytest.raises(LogMovedError):
        other.append(0, [answered("1")])
    assert (len(read_events(log)), len(read_events(other))) == (2, 0)
    assert len(list(store.answers("fruits"))) == 1


@pytest.mark.parametrize("id", ["1", "unknown"])
def test_what_cannot_be_undone_leaves_no_event(log, id):
    log.append(0, [asked(), answered("1"), undone("1")])
    with pytest.raises(DataError):
        log.append(3, [undone(id)])
    assert len(read_events(log)) == 3


def test_the_same_question_is_kept_once_for_each_reason(store, log):
    other = LoggedQuestion(QUESTION.hash, QUESTION.text, {"why": "model"})
    log.append(0, [asked(), asked(), asked(other)])
    assert [event[3] for event in read_events(log)] == [QUESTION, QUESTION, other]
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM questions").scalar() == 2
        assert connection.exec_driver_sql("SELECT count(*) FROM inputs").scalar() == 1


@pytest.mark.parametrize("count", [0, 2])
def test_nothing_is_added_to_the_log_of_a_dropped_dataset(store, log, count):
    for event in [asked(), answered("1")][:count]:
        log.append(len(read_events(log)), [event])
    store.drop("fruits")
    again = store.session("fruits", {"mode": "manual"})
    with pytest.raises(LogGoneError, match="dataset fruits was dropped"):
        log.append(count, [asked()])
    assert (
        read_events(log),
        read_events(again),
    ) == ([], [])


def test_dropping_a_dataset_takes_its_sessions_along(store, log):
    log.append(0, [asked(), answered("1"), undone("1")])
    store.drop("fruits")
    with store.reading() as connection:
        for table in ("answers", "undone", "events", "questions", "sessions", "inputs", "datasets"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
