"""A live session: durable, the same after a crash, fair to several annotators; on both databases."""

import resource
import threading

import pytest

from nerture.errors import DataError
from nerture.sessions.live import LiveSession
from nerture.sessions.protocol import Session
from nerture.sessions.state import SessionState
from nerture.store.store import Store

from .live_parts import Learns, Quick, make_plan, reply


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


def test_another_session_on_the_same_log_goes_on_where_it_stopped(opened):
    before = opened()
    questions = before.questions("ann", 2)
    before.answer(reply(questions[0], "reject"))
    before.questions("bob", 1)
    after = opened()
    assert after.questions("ann", 1) == questions[1:]
    assert after.questions("ann", 3) == before.questions("ann", 3)
    assert after.questions("bob", 1) == before.questions("bob", 1)
    assert after.standing() == before.standing()
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
    other = opened(overlap=2)  # another plan: another session, which has asked nothing
    other.answer(answer)
    other.questions("ann")  # the same question, so that only the dataset knows the answer
    other.answer(answer)
    assert len(list(store.answers("drugs"))) == 1


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"question": "0" * 32}, "never asked"),
        ({"id": ""}, "answer: id: found ''"),
        ({"id": "a\x00"}, "allowed is a printable text"),
        ({"annotator": "\ud800"}, "annotator: found"),
        ({"time": float("inf")}, "time: found inf"),
        ({"seconds": -1.0}, "seconds: found -1.0"),
        ({"verdict": "maybe"}, "allowed are accept, reject, ignore"),
        ({"spans": ((1, 4, "DRUG"),)}, "not whole tokens"),
        ({"spans": ((0, 4, "DOSE"),)}, "found the label 'DOSE'"),
    ],
)
def test_a_bad_answer_is_refused_and_leaves_nothing(opened, store, change, wanted):
    from dataclasses import replace

    session = opened()
    (question,) = session.questions("ann")
    with pytest.raises(DataError, match=wanted):
        session.answer(replace(reply(question), **change))
    assert list(store.answers("drugs")) == []
    assert session.questions("ann") == [question]


def test_undo_takes_the_last_answer_back_and_asks_it_next(opened, store):
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
    assert session.standing().answers == 2


def test_a_question_is_out_to_one_until_the_lease_runs_out(opened):
    now = [1000.0]
    session = opened(clock=lambda: now[0], lease=60)
    (first,) = session.questions("ann")
    (second,) = session.questions("bob")
    assert first.id != second.id
    now[0] += 61
    (third,) = session.questions("bob")
    assert third.id == first.id
    session.answer(reply(first))  # late, but welcome
    session.answer(reply(third, annotator="bob"))
    assert session.standing().answers == 2


def test_several_annotators_at_once_get_no_question_twice_unless_it_is_wanted(opened, store):
    for overlap, total in ((1, 60), (2, 120)):
        session = opened(overlap=overlap)
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
        assert session.standing().remaining == 0


def test_two_processes_on_one_log_do_not_lose_each_others_answers(opened, store):
    one, two = opened(), opened()
    (first,) = one.questions("ann")
    (second,) = two.questions("bob")
    assert first.id != second.id  # the second had to read what the first had asked
    one.answer(reply(first))
    two.answer(reply(second, annotator="bob"))
    assert one.questions("ann")[0].id not in {first.id, second.id}
    assert one.standing().answers == 2
    assert two.undo("ann") is None or two.questions("ann")


def test_a_closed_session_takes_nothing(opened):
    session = opened()
    (question,) = session.questions("ann")
    session.close()
    with pytest.raises(DataError, match="closed"):
        session.answer(reply(question))


def test_what_a_session_wrote_trains_and_comes_back_from_an_export(opened, store):
    from nerture.store.rows import imported

    session = opened()
    for question in session.questions("ann", 3):
        session.answer(reply(question))
    rows = [answer.row for answer in store.answers("drugs")]
    assert store.add("drugs", imported(rows)).known == 3  # nobody changed them: they are the same answers
    changed = [{**rows[0], "answer": "reject"}]
    assert store.add("drugs", imported(changed)).saved == 1
    store.add_dataset("copy")
    store.add("copy", imported(rows))
    for mine, copied in zip(store.answers("drugs"), store.answers("copy"), strict=False):
        assert mine == copied


def test_mended_spans_are_kept_beside_what_was_offered(opened, store):
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


class Fails(Quick):
    def learn(self, previous, lesson, version):
        raise ValueError("this teacher cannot teach")


def test_a_teacher_that_fails_is_told_and_answers_are_saved_all_the_same(learning, opened, store):
    session = opened(Fails())
    questions = session.questions("ann", 4)
    for question in questions[:3]:
        session.answer(reply(question))
    session.settle()
    with pytest.raises(ValueError, match="cannot teach"):
        session.questions("ann")
    session.answer(reply(questions[3]))
    assert len(list(store.answers("drugs"))) == 4
    with pytest.raises(ValueError, match="cannot teach"):
        session.close()
    session._apprentice.failure = None  # so that the fixture's own closing is quiet


def weights(session):
    return session.learner.weights.flat.tobytes()


def test_the_model_learns_and_is_the_same_after_a_crash(learning, opened, tmp_path):
    before = opened(Quick(), checkpoints=None)
    for number in range(10):
        (question,) = before.questions("ann")
        before.answer(reply(question, "reject" if number % 3 else "accept"))
        assert before.settle(60)
        if number == 6:
            before.undo("ann")
    assert before.settle(60)
    assert before.version >= 3
    after = opened(Quick())
    assert after.questions("ann", 3) == before.questions("ann", 3)
    assert after.settle(60)
    assert (after.version, weights(after)) == (before.version, weights(before))
    assert [question.version for question in before.questions("bob")] == [
        question.version for question in after.questions("bob")
    ]


def test_checkpoints_spare_a_restart_the_lessons(learning, opened, tmp_path):
    before = opened(Quick(), checkpoints=tmp_path / "versions")
    for question in before.questions("ann", 20):
        before.answer(reply(question))
        before.settle(60)
    before.close()
    teacher = Quick()
    after = opened(teacher, checkpoints=tmp_path / "versions")
    assert after.settle(60)
    assert teacher.taught == []
    assert (after.version, weights(after)) == (before.version, weights(before))
    assert len(list((tmp_path / "versions").iterdir())) == 3


@pytest.mark.parametrize("harm", ["newest gone", "weights changed", "all foreign", "cut off"])
def test_checkpoints_that_are_not_whole_or_of_another_session_are_passed_over(
    learning, opened, tmp_path, harm
):
    folder = tmp_path / "versions"
    before = opened(Quick(), checkpoints=folder)
    for question in before.questions("ann", 20):
        before.answer(reply(question))
        before.settle(60)
    before.close()
    newest = max(folder.iterdir(), key=lambda path: int(path.name.split("-")[1]))
    if harm == "newest gone":
        (newest / "meta.json").unlink()
    elif harm == "weights changed":
        data = bytearray((newest / "model.safetensors").read_bytes())
        data[-1] ^= 1
        (newest / "model.safetensors").write_bytes(data)
    elif harm == "cut off":
        (newest / "model.safetensors").write_bytes((newest / "model.safetensors").read_bytes()[:-8])
    else:
        for path in folder.glob("*/meta.json"):
            path.write_text(path.read_text().replace('"session": "', '"session": "x'))
    teacher = Quick()
    after = opened(teacher, checkpoints=folder)
    assert after.settle(60)
    assert weights(after) == weights(before)
    assert len(teacher.taught) == (before.version if harm == "all foreign" else 1)


def test_a_start_model_is_asked_about_the_texts_first_and_once(learning, opened):
    start = Quick().learn(None, _EmptyLesson, 0)
    before = opened(Quick(start))
    assert before.settle(60)
    assert weights(before) == start.weights.flat.tobytes()
    before.questions("ann", 2)
    after = opened(Quick(start))
    assert after.settle(60)
    assert after.version == before.version == 0
    assert after._journal.count == before._journal.count


class _EmptyLesson:
    targets = ()
    afresh = False


def test_closing_learns_from_the_last_answers(learning, opened):
    session = opened(Quick())
    for question in session.questions("ann", 4):
        session.answer(reply(question))
    session.close()
    assert session.version in {1, 2}
    assert session.standing().learned_from == 4


def test_closing_without_an_answer_learns_nothing(opened):
    teacher = Quick()
    session = opened(teacher, mode="teach", blank=False)
    session.questions("ann")
    session.close()
    assert teacher.taught == []


def test_versions_that_another_process_made_are_made_here_too(learning, opened):
    one, two = opened(Quick()), opened(Quick())
    for question in one.questions("ann", 6):
        one.answer(reply(question))
    assert one.settle(60)
    two.questions("bob")
    assert two.settle(60)
    assert (two.version, weights(two)) == (one.version, weights(one))


def test_a_session_on_postgresql_survives_its_restart(cluster, pool):
    with Store.open(cluster.new_database()) as store:
        session = LiveSession(store.session("drugs", {}), lambda: SessionState(make_plan(), pool))
        (first, second) = session.questions("ann", 2)
        session.answer(reply(first))
        cluster.stop("immediate")
        try:
            with pytest.raises(DataError, match=r"127\.0\.0\.1"):
                session.answer(reply(second))
        finally:
            cluster.start()
        answer = reply(second)
        session.answer(answer)
        session.answer(answer)
        assert [answer.question for answer in store.answers("drugs")] == [first.id, second.id]
        session.close()


def test_a_full_disk_loses_no_acknowledged_answer_and_the_session_goes_on_afterwards(tmp_path, pool):
    with Store.open(tmp_path / "store.sqlite") as store:
        log = store.session("drugs", {})
        session = LiveSession(
            log, lambda: Learns(make_plan(), pool), Quick(), checkpoints=tmp_path / "versions"
        )
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
        acknowledged, refused = [], None
        try:
            for number in range(60):
                answer = None
                (question,) = session.questions("ann")
                answer = reply(question, id=f"a{number}")
                session.answer(answer)
                acknowledged.append(answer.id)
        except DataError as error:
            refused, unsaved = error, answer
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert "the disk" in str(refused)
        assert 0 < len(acknowledged) < 60
        assert [answer.id for answer in store.answers("drugs")] == acknowledged
        if unsaved is not None:
            session.answer(unsaved)
            acknowledged.append(unsaved.id)
        (question,) = session.questions("ann")
        session.answer(reply(question, id="last"))
        assert session.settle(60)
        after = LiveSession(log, lambda: Learns(make_plan(), pool), Quick())
        assert after.settle(60)
        assert (after.version, weights(after)) == (session.version, weights(session))
        assert [answer.id for answer in store.answers("drugs")] == [*acknowledged, "last"]
        for one in (session, after):
            one.close()


def test_answers_that_are_sent_until_they_are_acknowledged_survive_restarts_of_postgresql(cluster, pool):
    with Store.open(cluster.new_database(), timeout=2) as store:
        session = LiveSession(store.session("drugs", {}), lambda: Learns(make_plan(), pool), Quick())
        acknowledged, done = [], threading.Event()

        def until_it_works(act):
            while True:
                try:
                    return act()
                except DataError:
                    done.wait(0.05)

        def work():
            while not done.is_set() and len(acknowledged) < 60:
                (question,) = until_it_works(lambda: session.questions("ann"))
                answer = reply(question)
                until_it_works(lambda answer=answer: session.answer(answer))
                acknowledged.append(answer.id)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for wanted in (5, 10, 15):
                while len(acknowledged) < wanted and thread.is_alive():
                    done.wait(0.02)
                cluster.stop("immediate")
                cluster.start()
            while len(acknowledged) < 20 and thread.is_alive():
                done.wait(0.02)
        finally:
            done.set()
            thread.join()
        assert len(acknowledged) >= 20
        assert [answer.id for answer in store.answers("drugs")] == acknowledged
        assert session.settle(60)
        after = LiveSession(store.session("drugs", {}), lambda: Learns(make_plan(), pool), Quick())
        assert after.settle(60)
        assert (after.version, weights(after)) == (session.version, weights(session))
        for one in (session, after):
            one.close()
