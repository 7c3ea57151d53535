"""A live session's model: the same after a crash, checkpoints and all; what fails is told."""

import os
import time

import pytest

from nerture.errors import StoreError
from nerture.sessions import apprentice, refits
from nerture.sessions.checkpoints import Checkpoints
from nerture.sessions.events import Learned

from ..waiting import wait_for
from .live_parts import Learns, Quick, reply, weights


class Fails(Quick):
    def learn(self, previous, lesson, version, step=lambda: None):
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


def test_a_restart_without_checkpoints_begins_at_the_last_version_that_began_afresh(learning, opened):
    before = opened(Quick(), checkpoints=None)
    for question in before.questions("ann", 18):
        before.answer(reply(question))
        before.settle(60)
    assert before.version == 6  # after 3, 6, 9, 12, 15 and 18 answers: those after 3, 6 and 12 begin afresh
    teacher = Quick()
    after = opened(teacher)
    assert after.settle(60)
    assert teacher.taught == [4, 5, 6]
    assert (after.version, weights(after)) == (before.version, weights(before))


@pytest.fixture
def resting(kind, monkeypatch):
    """Let every mode learn after three answers, and afresh at rest when two came since it last began so."""
    kind[0] = type("Rests", (Learns,), {"resting": True})
    monkeypatch.setattr(refits, "AT_REST", 2)


def test_while_nobody_answers_the_model_is_made_afresh(resting, opened):
    before = opened(Quick(), checkpoints=None)
    for question in before.questions("ann", 9):
        before.answer(reply(question))
        before.settle(60)
    wait_for(lambda: before._journal.state.ledger.refitted == 9)
    assert not before._journal.state.rests()
    learned = before._journal.learned
    assert learned[-1].version > 3
    assert before.standing().learned_from == 9
    teacher = Quick()
    after = opened(teacher)
    assert after.settle(60)
    assert teacher.taught == [learned[-1].version]
    assert (after.version, weights(after)) == (before.version, weights(before))


def test_what_is_made_at_rest_is_given_up_when_an_answer_comes(resting, opened):
    class Slow(Quick):
        """Takes for ever where nothing is new."""

        def learn(self, previous, lesson, version, step=lambda: None):
            while lesson.answers == lesson.learned and not closing:
                began.append(version)
                time.sleep(0.01)
                step()
            return super().learn(previous, lesson, version, step)

    began, closing = [], []
    session = opened(Slow())
    questions = session.questions("ann", 18)
    for given, more in ((0, 15), (15, 18)):
        for question in questions[given:more]:
            session.answer(reply(question))
            assert session.settle(60)
        assert session.standing().learned_from == more
        assert session._journal.state.ledger.refitted == 12
        began.clear()
        wait_for(lambda: began)
    assert session.version == 6
    closing.append(True)
    session.close()
    assert session.version == 7
    assert session._journal.state.ledger.refitted == 18


def test_a_session_that_ends_is_made_afresh(resting, opened, monkeypatch):
    monkeypatch.setattr(refits, "AT_REST", 1000)
    session = opened(Quick())
    for question in session.questions("ann", 8):
        session.answer(reply(question))
        session.settle(60)
    assert session._journal.state.ledger.refitted == 6
    assert session.unfinished
    session.close()
    assert not session.unfinished
    assert session._journal.state.ledger.refitted == 8
    assert session._journal.learned[-1].version == session._journal.learned[-2].version + 1


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
    for question in before.questions("ann", 19):
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
    assert before.version == 7
    begun_afresh = 4 if harm == "all foreign" else 7  # of 12 answers
    assert teacher.taught == [*range(begun_afresh, 8)]


def test_free_memory_is_given_back_now_and_then(learning, opened, monkeypatch):
    """Not after each version: what the next one takes anew would have to be made anew."""
    times, now = [], [1000.0]
    monkeypatch.setattr(apprentice, "give_back", lambda: times.append(now[0]))
    session = opened(Quick(), clock=lambda: now[0], lease=10_000)
    for question in session.questions("ann", 12):
        now[0] += 10
        session.answer(reply(question))
        assert session.settle(60)
    assert session.version == 4  # after 30, 60, 90 and 120 seconds
    assert times == [1030.0, 1060.0, 1090.0, 1120.0]
    for question in session.questions("ann", 6):
        now[0] += 3
        session.answer(reply(question))
        assert session.settle(60)
    assert session.version == 6
    assert len(times) == 4


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


def test_a_store_that_fails_when_the_log_has_moved_is_waited_for(learning, opened, monkeypatch):
    """As when a version was saved without our hearing of it, and the database then is down once more."""
    session = opened(Quick())
    log, failing = session._journal.log, []
    append, events = log.append, log.events

    def saved_unheard(first, new):
        append(first, new)
        if new[0].kind == "learned" and not failing:
            failing.append("append")
            raise StoreError("the connection is gone")

    def gone(first=0):
        if failing == ["append"]:
            failing.append("events")
            raise StoreError("nobody answers there")
        return events(first)

    monkeypatch.setattr(log, "append", saved_unheard)
    monkeypatch.setattr(log, "events", gone)
    for question in session.questions("ann", 3):
        session.answer(reply(question))
    assert session.settle(60)
    assert failing == ["append", "events"]
    assert session.version == 1
    assert session.questions("ann")


def test_what_a_killed_process_left_unfinished_is_removed_once_nobody_can_be_writing_it(tmp_path):
    checkpoints = Checkpoints(tmp_path, "this one")
    abandoned, written = tmp_path / ".new.abandoned", tmp_path / ".new.written"
    for folder in (abandoned, written):
        folder.mkdir()
    os.utime(abandoned, (0, 0))
    checkpoints.save(Learned(1, 4), Quick().learn(None, _EmptyLesson, 1))
    assert {path.name for path in tmp_path.iterdir()} == {"version-1", ".new.written"}
