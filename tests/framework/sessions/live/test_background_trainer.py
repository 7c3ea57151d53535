"""The model of a live session: the same after a crash, with and without checkpoints; and failures."""

import os
import time
from threading import Thread

import pytest

from nerture.errors import StoreError
from nerture.sessions.learning import refit_schedule as refits
from nerture.sessions.learning.checkpoints import Checkpoints
from nerture.sessions.live import background_trainer as module
from nerture.sessions.log.events import Learned

from ....support.live_parts import Quick, Refits, reply, snapshots, weights
from ....support.waiting import wait_for


class Fails(Quick):
    def learn(self, previous, snapshot, step=lambda: None):
        raise ValueError("this trainer cannot train")


def test_a_trainer_that_fails_is_reported_and_answers_are_still_saved(learning, opened, store):
    session = opened(Fails())
    questions = session.questions("ann", 4)
    for question in questions[:3]:
        session.answer(reply(question))
    session.settle()
    with pytest.raises(ValueError, match="cannot train"):
        session.questions("ann")
    session.answer(reply(questions[3]))
    assert len(list(store.answers("drugs"))) == 4
    with pytest.raises(ValueError, match="cannot train"):
        session.close()
    session._trainer.failure = None  # so that the fixture can close it


def test_the_model_learns_and_is_the_same_after_a_crash(learning, opened, tmp_path):
    before = opened(Quick(), checkpoints=None)
    for number in range(10):
        (question,) = before.questions("ann")
        before.answer(reply(question, "reject" if number % 3 else "accept"))
        assert before.settle(120)
        if number == 6:
            before.undo("ann")
    assert before.settle(120)
    assert before.version >= 3
    after = opened(Quick())
    assert after.questions("ann", 3) == before.questions("ann", 3)
    assert after.settle(120)
    assert (after.version, weights(after)) == (before.version, weights(before))
    assert [question.version for question in before.questions("bob")] == [
        question.version for question in after.questions("bob")
    ]


@pytest.fixture
def refitting(kind, monkeypatch):
    """Let every mode train after three answers, and refit after six."""
    kind[0] = Refits
    monkeypatch.setattr(refits, "FIRST", ())
    monkeypatch.setattr(refits, "EVERY", 6)


def answer_all(session, questions):
    """Answer the questions, and let the model train after each third."""
    for question in questions:
        session.answer(reply(question))
        assert session.settle(120)


def wait_for_refit(session, answers):
    """Wait until the last refit was trained on ``answers`` answers, and nothing is due."""
    wait_for(lambda: session._event_log.state.answer_index.refitted == answers)
    assert session.settle(120)
    assert not session._event_log.state.is_refit_due()


def test_a_restart_without_checkpoints_starts_at_the_last_refit(refitting, opened):
    before = opened(Quick(), checkpoints=None)
    questions = before.questions("ann", 18)
    answer_all(before, questions[:3])  # the first version is from scratch
    answer_all(before, questions[3:9])
    wait_for_refit(before, 9)
    answer_all(before, questions[9:15])
    wait_for_refit(before, 15)
    answer_all(before, questions[15:])
    assert before.progress().learned_from == 18
    learned = before._event_log.learned
    assert [version.version for version in learned if version.from_scratch] == [1, 4, 7]
    trainer = Quick()
    after = opened(trainer)
    assert after.settle(120)
    assert trainer.trained == snapshots(after, 7) == snapshots(before, 7)
    assert (after.version, weights(after)) == (before.version, weights(before))


class Slow(Quick):
    """Does not finish a refit until ``held`` is false."""

    def __init__(self):
        super().__init__()
        self.started, self.held = [], True

    def learn(self, previous, snapshot, step=lambda: None):
        if previous is None and snapshot.learned:
            self.started.append(snapshot.events)
            while self.held:
                time.sleep(0.005)
                step()
        return super().learn(previous, snapshot, step)


def test_during_a_refit_updates_continue_and_the_refit_catches_up(refitting, opened, monkeypatch):
    monkeypatch.setattr(module, "SLICE", 0.0)
    trainer = Slow()
    before = opened(trainer, checkpoints=None)
    questions = before.questions("ann", 18)
    answer_all(before, questions[:9])
    wait_for(lambda: trainer.started)
    monkeypatch.setattr(refits, "EVERY", 1000)  # no second refit
    answer_all(before, questions[9:16])
    assert before.progress().learned_from == 15
    assert before._event_log.state.answer_index.refitted == 3
    assert len(trainer.started) == 1
    trainer.held = False
    wait_for_refit(before, 9)
    # the last version is also trained on an answer that no version had
    wait_for(lambda: before.progress().learned_from == 16)
    learned = before._event_log.learned
    assert [version.from_scratch for version in learned] == [True, False, False, False, False, True, False]
    assert learned[5].events == trainer.started[0] < learned[4].events < learned[6].events
    assert before.learner is before._trainer.pool_predictions.learner
    again = Quick()
    after = opened(again)
    assert after.settle(120)
    assert again.trained == snapshots(after, 6) == snapshots(before, 6)
    assert (after.version, weights(after)) == (before.version, weights(before))


def test_a_refit_with_an_undone_answer_is_abandoned(refitting, opened, monkeypatch):
    monkeypatch.setattr(module, "SLICE", 0.0)
    trainer = Slow()
    session = opened(trainer, checkpoints=None)
    questions = session.questions("ann", 12)
    answer_all(session, questions[:9])
    wait_for(lambda: trainer.started)
    session.undo("ann")
    session.undo("ann")
    answer_all(session, questions[7:10])
    wait_for_refit(session, 8)  # after three answers were added or undone
    assert session._event_log.learned[-1].from_scratch
    assert trainer.started[0] not in snapshots(session)
    trainer.held = False


def test_closing_does_not_wait_for_a_refit_without_the_last_answers(refitting, opened, monkeypatch):
    monkeypatch.setattr(module, "SLICE", 0.0)
    trainer = Slow()
    session = opened(trainer, checkpoints=None)
    questions = session.questions("ann", 10)
    answer_all(session, questions[:9])
    wait_for(lambda: trainer.started)
    session.answer(reply(questions[9]))
    ending = Thread(target=session.close)
    ending.start()
    wait_for(lambda: len(trainer.started) == 2)
    trainer.held = False
    ending.join(120)
    assert session._event_log.state.answer_index.refitted == session.progress().learned_from == 10
    assert trainer.started[0] not in snapshots(session)


def test_closing_refits_the_model(refitting, opened, monkeypatch):
    monkeypatch.setattr(refits, "EVERY", 1000)
    session = opened(Quick())
    answer_all(session, session.questions("ann", 8))
    assert session._event_log.state.answer_index.refitted == 3
    assert session.unfinished
    session.close()
    assert not session.unfinished
    assert session._event_log.state.answer_index.refitted == 8
    assert session._event_log.learned[-1].version == session._event_log.learned[-2].version + 1


def test_with_checkpoints_a_restart_trains_nothing(learning, opened, tmp_path):
    before = opened(Quick(), checkpoints=tmp_path / "versions")
    for question in before.questions("ann", 20):
        before.answer(reply(question))
        before.settle(120)
    before.close()
    trainer = Quick()
    after = opened(trainer, checkpoints=tmp_path / "versions")
    assert after.settle(120)
    assert trainer.trained == []
    assert (after.version, weights(after)) == (before.version, weights(before))
    assert len(list((tmp_path / "versions").iterdir())) == 3


@pytest.mark.parametrize("harm", ["newest gone", "weights changed", "all foreign", "cut off"])
def test_incomplete_and_foreign_checkpoints_are_skipped(learning, opened, tmp_path, harm):
    folder = tmp_path / "versions"
    before = opened(Quick(), checkpoints=folder)
    for question in before.questions("ann", 19):
        before.answer(reply(question))
        before.settle(120)
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
    trainer = Quick()
    after = opened(trainer, checkpoints=folder)
    assert after.settle(120)
    assert weights(after) == weights(before)
    assert before.version == 7
    assert trainer.trained == snapshots(after, 1 if harm == "all foreign" else 7)


def test_free_memory_is_trimmed_now_and_then(learning, opened, monkeypatch):
    """Not after each version, as the next one would have to allocate it again."""
    times, now = [], [1000.0]
    monkeypatch.setattr(module, "trim_malloc", lambda: times.append(now[0]))
    session = opened(Quick(), clock=lambda: now[0], lease=10_000)
    for question in session.questions("ann", 12):
        now[0] += 10
        session.answer(reply(question))
        assert session.settle(120)
    assert session.version == 4  # after 30, 60, 90 and 120 seconds
    assert times == [1030.0, 1060.0, 1090.0, 1120.0]
    for question in session.questions("ann", 6):
        now[0] += 3
        session.answer(reply(question))
        assert session.settle(120)
    assert session.version == 6
    assert len(times) == 4


def test_a_start_model_predicts_the_pool_once(learning, opened):
    start = Quick().learn(None, _EmptySnapshot)
    before = opened(Quick(start))
    assert before.settle(120)
    assert weights(before) == start.weights.flat.tobytes()
    before.questions("ann", 2)
    after = opened(Quick(start))
    assert after.settle(120)
    assert after.version == before.version == 0
    assert after._event_log.count == before._event_log.count


class _EmptySnapshot:
    targets = ()
    from_scratch = False
    events = answers = 0


def test_closing_learns_from_the_last_answers(learning, opened):
    session = opened(Quick())
    for question in session.questions("ann", 4):
        session.answer(reply(question))
    session.close()
    assert session.version in {1, 2}
    assert session.progress().learned_from == 4


def test_closing_without_an_answer_learns_nothing(opened):
    trainer = Quick()
    session = opened(trainer, mode="teach", blank=False)
    session.questions("ann")
    session.close()
    assert trainer.trained == []


def test_versions_of_another_process_are_reproduced(learning, opened):
    one, two = opened(Quick()), opened(Quick())
    for question in one.questions("ann", 6):
        one.answer(reply(question))
    assert one.settle(120)
    two.questions("bob")
    assert two.settle(120)
    assert (two.version, weights(two)) == (one.version, weights(one))


def test_a_store_that_fails_when_the_log_has_moved_is_retried(learning, opened, monkeypatch):
    """As if a version is saved but the reply is lost, and the database then fails once more."""
    session = opened(Quick())
    log, failing = session._event_log.log, []
    append, events = log.append, log.events

    def save_without_reply(first, new):
        append(first, new)
        if new[0].kind == "learned" and not failing:
            failing.append("append")
            raise StoreError("the connection is gone")

    def gone(first=0):
        if failing == ["append"]:
            failing.append("events")
            raise StoreError("nobody answers there")
        return events(first)

    monkeypatch.setattr(log, "append", save_without_reply)
    monkeypatch.setattr(log, "events", gone)
    for question in session.questions("ann", 3):
        session.answer(reply(question))
    assert session.settle(120)
    assert failing == ["append", "events"]
    assert session.version == 1
    assert session.questions("ann")


def test_checkpoints_that_a_killed_process_left_unfinished_are_removed_later(tmp_path):
    checkpoints = Checkpoints(tmp_path, "this one")
    abandoned, written = tmp_path / ".new.abandoned", tmp_path / ".new.written"
    for folder in (abandoned, written):
        folder.mkdir()
    os.utime(abandoned, (0, 0))
    checkpoints.save(Learned(1, 4), Quick().learn(None, _EmptySnapshot))
    assert {path.name for path in tmp_path.iterdir()} == {"version-1", ".new.written"}
