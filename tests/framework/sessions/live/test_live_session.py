"""A live session: durable, the same after a crash, with several annotators; on both databases."""

import threading

import pytest

from nerture.errors import DataError
from nerture.sessions.live.protocol import Session

from ....support.live_parts import reply


def ids(questions):
    return [question.id for question in questions]


def test_it_is_a_session(opened):
    session: Session = opened()
    assert (session.dataset, session.mode, session.labels) == ("drugs", "match", ("DRUG",))


def test_the_same_questions_are_asked_until_they_are_answered(opened):
    session = opened()
    first = session.questions("ann", 3)
    assert len(set(ids(first))) == 3
    assert session.questions("ann", 3) == first
    session.answer(reply(first[1]))
    second = session.questions("ann", 3)
    assert ids(second)[:2] == [first[0].id, first[2].id]
    assert second[2].id not in ids(first)


def test_another_session_on_the_same_log_continues_where_it_stopped(opened):
    before = opened()
    questions = before.questions("ann", 2)
    before.answer(reply(questions[0], "reject"))
    before.questions("bob", 1)
    after = opened()
    assert after.questions("ann", 1) == questions[1:]
    assert after.questions("ann", 3) == before.questions("ann", 3)
    assert after.questions("bob", 1) == before.questions("bob", 1)
    assert after.progress() == before.progress()
    assert after.history("ann", 5) == before.history("ann", 5)


def test_an_answer_is_in_the_dataset_in_prodigys_format(opened, store):
    session = opened()
    (question,) = session.questions("ann")
    session.answer(reply(question, "reject", seconds=2.5, time=1700000000.75, flagged=True))
    (answer,) = store.answers("drugs")
    row = answer.row
    assert (answer.verdict, answer.annotator, answer.seconds, answer.version) == ("reject", "ann", 2.5, 0)
    assert (answer.question, answer.text, answer.flagged) == (question.id, question.text, True)
    assert row["text"] == question.text
    (span,) = row["spans"]
    assert span["text"] == question.text[span["start"] : span["end"]] == "aspirin"
    assert row["tokens"][span["token_start"]]["text"] == row["tokens"][span["token_end"]]["text"] == "aspirin"
    assert [row["text"][token["start"] : token["end"]] for token in row["tokens"]] == [
        token["text"] for token in row["tokens"]
    ]
    assert row["meta"] == {"number": 0, "pattern": "p-aspirin"}
    assert (row["answer"], row["_is_binary"], row["_view_id"]) == ("reject", True, "ner")
    assert (row["_session_id"], row["_annotator_id"], row["_timestamp"]) == ("drugs-ann", "ann", 1700000000)
    assert row["flagged"] is True
    assert all(
        isinstance(row[name], int) and abs(row[name]) < 2**31 for name in ("_input_hash", "_task_hash")
    )


def test_the_same_answer_twice_is_saved_once(opened, store):
    session = opened()
    (question,) = session.questions("ann")
    answer = reply(question)
    session.answer(answer)
    session.answer(answer)
    opened().answer(answer)
    assert len(list(store.answers("drugs"))) == 1
    session.undo("ann")
    session.answer(answer)  # a late repetition does not bring it back
    assert list(store.answers("drugs")) == []


def test_an_answer_that_an_earlier_session_of_the_dataset_saved_is_acknowledged(opened, store):
    (question,) = opened().questions("ann")
    answer = reply(question)
    opened().answer(answer)
    other = opened(annotators_per_question=2)  # another plan: another session, which has asked nothing
    other.answer(answer)
    other.questions("ann")  # the same question, so that only the dataset knows the answer
    other.answer(answer)
    assert len(list(store.answers("drugs"))) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"question": "0" * 32}, "never asked"),
        ({"id": ""}, "answer: id: expected .*, got ''"),
        ({"id": "a\x00"}, "expected a printable text"),
        ({"annotator": "\ud800"}, "annotator: expected"),
        ({"time": float("inf")}, "time: expected a number of seconds, got inf"),
        ({"seconds": -1.0}, "seconds: expected a number of seconds, got -1.0"),
        ({"verdict": "maybe"}, "verdict: expected one of accept, reject, ignore, got 'maybe'"),
        ({"spans": ((1, 4, "DRUG"),)}, "not whole tokens"),
        ({"spans": ((0, 4, "DOSE"),)}, "label: expected one of DRUG, got 'DOSE'"),
    ],
)
def test_a_bad_answer_is_refused_and_leaves_nothing(opened, store, change, message):
    from dataclasses import replace

    session = opened()
    (question,) = session.questions("ann")
    with pytest.raises(DataError, match=message):
        session.answer(replace(reply(question), **change))
    assert list(store.answers("drugs")) == []
    assert session.questions("ann") == [question]


def test_undo_removes_the_last_answer_and_asks_its_question_next(opened, store):
    session = opened()
    questions = session.questions("ann", 4)
    for question in questions[:3]:
        session.answer(reply(question))
    assert session.undo("ann") == questions[2]
    assert session.undo("ann") == questions[1]
    assert session.questions("ann", 3) == [questions[1], questions[2], questions[3]]
    assert opened().questions("ann", 3) == [questions[1], questions[2], questions[3]]
    assert [answer.question for answer in store.answers("drugs")] == [questions[0].id]
    assert [question for question, _ in session.history("ann", 5)] == questions[:1]
    assert session.undo("bob") is None
    session.answer(reply(questions[1], "reject"))
    assert [answer.verdict for answer in store.answers("drugs")] == ["accept", "reject"]
    assert session.progress().answers == 2


def test_a_question_is_leased_to_one_annotator_until_the_lease_expires(opened):
    now = [1000.0]
    session = opened(clock=lambda: now[0], lease=60)
    (first,) = session.questions("ann")
    (second,) = session.questions("bob")
    assert first.id != second.id
    now[0] += 61
    (third,) = session.questions("bob")
    assert third.id == first.id
    session.answer(reply(first))  # late, but accepted
    session.answer(reply(third, annotator="bob"))
    assert session.progress().answers == 2


def test_several_annotators_at_once_get_no_question_twice_unless_the_plan_says_so(opened, store):
    for annotators, total in ((1, 60), (2, 120)):
        session = opened(annotators_per_question=annotators)
        found, errors = [], []

        def work(annotator, session=session, found=found, errors=errors):
            try:
                while questions := session.questions(annotator, 2):
                    for question in questions:
                        session.answer(reply(question, annotator=annotator))
                        found.append((question.id, annotator))
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in ("ann", "bob", "cyd")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors
        assert len(found) == len(set(found)) == total
        assert len({question for question, _ in found}) == 60
        assert session.progress().remaining == 0


def test_two_processes_on_one_log_do_not_lose_each_others_answers(opened, store):
    one, two = opened(), opened()
    (first,) = one.questions("ann")
    (second,) = two.questions("bob")
    assert first.id != second.id  # the second had to read what the first had asked
    one.answer(reply(first))
    two.answer(reply(second, annotator="bob"))
    assert one.questions("ann")[0].id not in {first.id, second.id}
    assert one.progress().answers == 2
    assert two.undo("ann") is None or two.questions("ann")


def test_a_closed_session_accepts_nothing(opened):
    session = opened()
    (question,) = session.questions("ann")
    session.close()
    with pytest.raises(DataError, match="closed"):
        session.answer(reply(question))


def test_what_a_session_wrote_trains_and_comes_back_from_an_export(opened, store):
    from nerture.store.rows import import_rows

    session = opened()
    for question in session.questions("ann", 3):
        session.answer(reply(question))
    rows = [answer.row for answer in store.answers("drugs")]
    assert store.add("drugs", import_rows(rows)).known == 3  # unchanged, so they are the same answers
    changed = [{**rows[0], "answer": "reject"}]
    assert store.add("drugs", import_rows(changed)).saved == 1
    store.add_dataset("copy")
    store.add("copy", import_rows(rows))
    for mine, copied in zip(store.answers("drugs"), store.answers("copy"), strict=False):
        assert mine == copied


def test_edited_spans_are_saved_next_to_the_suggested_ones(opened, store):
    session = opened()
    (question,) = session.questions("ann")
    start = question.spans[0].start_char
    session.answer(reply(question, spans=((start - 6, start + 7, "DRUG"),)))
    (answer,) = store.answers("drugs")
    assert [(span["text"], span["answer"]) for span in answer.row["spans"]] == [
        ("names aspirin", "accept"),
        ("aspirin", "reject"),
    ]


def test_a_whole_text_is_complete_for_what_was_asked(opened, store):
    session = opened(mode="manual")
    (question,) = session.questions("ann")
    session.answer(reply(question, spans=()))
    (answer,) = store.answers("drugs")
    assert (answer.row["spans"], answer.row["complete"], answer.row["_is_binary"]) == ([], ["DRUG"], False)
