"""A live session's model: the same after a crash, checkpoints and all; what fails is told."""

import os
import time
from threading import Thread

import pytest

from nerture.errors import StoreError
from nerture.sessions.learning import refit_schedule as refits
from nerture.sessions.learning.checkpoints import Checkpoints
from nerture.sessions.live import background_trainer as trainer
from nerture.sessions.log.events import Learned

from ....support.live_parts import Quick, Refits, reply, snapshots, weights
from ....support.waiting import wait_for


class Fails(Quick):
    def learn(self, previous, snapshot, step=lambda: None):
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
    session._trainer.failure = None  # so that the fixture's own closing is quiet


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


@pytest.fixture
def refitting(kind, monkeypatch):
    """Let every mode learn after three answers, and afresh when six have come since it last did."""
    kind[0] = Refits
    monkeypatch.setattr(refits, "FIRST", ())
    monkeypatch.setattr(refits, "EVERY", 6)


def answered(session, questions):
    """Answer them, and let the model learn from each third one what is new."""
    for question in questions:
        session.answer(reply(question))
        assert session.settle(60)


def made_afresh(session, answers):
    """Wait until the last version that began afresh learned from so many answers, and nothing is due."""
    wait_for(lambda: session._event_log.state.answer_index.refitted == answers)
    assert session.settle(60)
    assert not session._event_log.state.refits()


def test_a_restart_without_checkpoints_begins_at_the_last_version_that_began_afresh(refitting, opened):
    before = opened(Quick(), checkpoints=None)
    questions = before.questions("ann", 18)
    answered(before, questions[:3])  # the first version begins afresh
    answered(before, questions[3:9])
    made_afresh(before, 9)
    answered(before, questions[9:15])
    made_afresh(before, 15)
    answered(before, questions[15:])
    assert before.standing().learned_from == 18
    learned = before._event_log.learned
    assert [version.version for version in learned if version.from_scratch] == [1, 4, 7]
    teacher = Quick()
    after = opened(teacher)
    assert after.settle(60)
    assert teacher.taught == snapshots(after, 7) == snapshots(before, 7)
    assert (after.version, weights(after)) == (before.version, weights(before))


class Slow(Quick):
    """Takes for ever to make a version afresh of what others know, until it is let go."""

    def __init__(self):
        super().__init__()
        self.begun, self.held = [], True

    def learn(self, previous, snapshot, step=lambda: None):
        if previous is None and snapshot.learned:
            self.begun.append(snapshot.events)
            while self.held:
                time.sleep(0.005)
                step()
        return super().learn(previous, snapshot, step)


def test_while_a_model_is_made_afresh_others_go_on_and_it_learns_in_the_end_what_they_know(
    refitting, opened, monkeypatch
):
    monkeypatch.setattr(trainer, "SLICE", 0.0)
    teacher = Slow()
    before = opened(teacher, checkpoints=None)
    questions = before.questions("ann", 18)
    answered(before, questions[:9])
    wait_for(lambda: teacher.begun)
    monkeypatch.setattr(refits, "EVERY", 1000)  # once is enough
    answered(before, questions[9:16])
    assert before.standing().learned_from == 15
    assert before._event_log.state.answer_index.refitted == 3
    assert len(teacher.begun) == 1
    teacher.held = False
    made_afresh(before, 9)
    # an answer that no version has learned from is among what the last one learns
    wait_for(lambda: before.standing().learned_from == 16)
    learned = before._event_log.learned
    assert [version.from_scratch for version in learned] == [True, False, False, False, False, True, False]
    assert learned[5].events == teacher.begun[0] < learned[4].events < learned[6].events
    assert before.learner is before._trainer.pool_predictions.learner
    again = Quick()
    after = opened(again)
    assert after.settle(60)
    assert again.taught == snapshots(after, 6) == snapshots(before, 6)
    assert (after.version, weights(after)) == (before.version, weights(before))


def test_a_model_that_knows_what_was_taken_back_is_not_made(refitting, opened, monkeypatch):
    monkeypatch.setattr(trainer, "SLICE", 0.0)
    teacher = Slow()
    session = opened(teacher, checkpoints=None)
    questions = session.questions("ann", 12)
    answered(session, questions[:9])
    wait_for(lambda: teacher.begun)
    session.undo("ann")
    session.undo("ann")
    answered(session, questions[7:10])
    made_afresh(session, 8)  # when three answers had come and gone
    assert session._event_log.learned[-1].from_scratch
    assert teacher.begun[0] not in snapshots(session)
    teacher.held = False


def test_a_session_that_ends_does_not_wait_for_a_model_that_would_not_know_all(
    refitting, opened, monkeypatch
):
    monkeypatch.setattr(trainer, "SLICE", 0.0)
    teacher = Slow()
    session = opened(teacher, checkpoints=None)
    questions = session.questions("ann", 10)
    answered(session, questions[:9])
    wait_for(lambda: teacher.begun)
    session.answer(reply(questions[9]))
    ending = Thread(target=session.close)
    ending.start()
    wait_for(lambda: len(teacher.begun) == 2)
    teacher.held = False
    ending.join(60)
    assert session._event_log.state.answer_index.refitted == session.standing().learned_from == 10
    assert teacher.begun[0] not in snapshots(session)


def test_a_session_that_ends_is_made_afresh(refitting, opened, monkeypatch):
    monkeypatch.setattr(refits, "EVERY", 1000)
    session = opened(Quick())
    answered(session, session.questions("ann", 8))
    assert session._event_log.state.answer_index.refitted == 3
    assert session.unfinished
    session.close()
    assert not session.unfinished
    assert session._event_log.state.answer_index.refitted == 8
    assert session._event_log.learned[-1].version == session._event_log.learned[-2].version + 1


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
    assert teacher.taught == snapshots(after, 1 if harm == "all foreign" else 7)


def test_free_memory_is_given_back_now_and_then(learning, opened, monkeypatch):
    """Not after each version: what the next one takes anew would have to be made anew."""
    times, now = [], [1000.0]
    monkeypatch.setattr(trainer, "give_back", lambda: times.append(now[0]))
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
    start = Quick().learn(None, _EmptyLesson)
    before = opened(Quick(start))
    assert before.settle(60)
    assert weights(before) == start.weights.flat.tobytes()
    before.questions("ann", 2)
    after = opened(Quick(start))
    assert after.settle(60)
    assert after.version == before.version == 0
    assert after._event_log.count == before._event_log.count


class _EmptyLesson:
    targets = ()
    from_scratch = False
    events = answers = 0


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
    log, failing = session._event_log.log, []
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
    checkpoints.save(Learned(1, 4), Quick().learn(None, _EmptyLesson))
    assert {path.name for path in tmp_path.iterdir()} == {"version-1", ".new.written"}
