"""Several processes with one session open, as several sessions on one store: they behave like one."""

from threading import Event, Thread

import pytest

from nerture.errors import StoreError
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.learning import refit_schedule as refits
from nerture.sessions.live import background_trainer as trainer
from nerture.sessions.live.version_lock import VersionLock

from ...support.live_parts import Quick, Refits, reply, snapshots, weights
from ...support.waiting import rest, wait_for


class HeldTrainer(Quick):
    """Begins to make versions, and gets on once it is let go."""

    def __init__(self):
        super().__init__()
        self.started, self.released = Event(), Event()

    def learn(self, previous, snapshot, step=lambda: None):
        self.started.set()
        assert self.released.wait(60)
        return super().learn(previous, snapshot, step)


class HeldRefitTrainer(Quick):
    """Makes a version from scratch of what others know step by step, until it is let go; others at once."""

    def __init__(self):
        super().__init__()
        self.started, self.released = Event(), Event()

    def learn(self, previous, snapshot, step=lambda: None):
        if previous is None and snapshot.learned:
            self.started.set()
            while not self.released.wait(0.005):
                step()
        return super().learn(previous, snapshot, step)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Let the others be waited for however slow the machine is."""
    monkeypatch.setattr(trainer, "PATIENCE", 600.0)


@pytest.fixture
def refitting(kind, monkeypatch):
    """Let every mode learn after three answers, and from scratch when six have come since it last did."""
    kind[0] = Refits
    monkeypatch.setattr(refits, "FIRST", ())
    monkeypatch.setattr(refits, "EVERY", 6)
    monkeypatch.setattr(trainer, "SLICE", 0.0)


@pytest.fixture
def asked(monkeypatch):
    """The sessions' locks, one entry for each time that one is asked for."""
    locks, acquire = [], VersionLock.acquire

    def note(lock):
        locks.append(lock)
        return acquire(lock)

    monkeypatch.setattr(VersionLock, "acquire", note)
    return locks


def finish(act):
    """Do something in a thread; fail if it does not end. Return what it returns, or raises."""
    results = []

    def run():
        try:
            results.append(act())
        except Exception as error:
            results.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert results, "it waits for ever"
    return results[0]


def answer(session, questions, annotator="ann"):
    for question in questions:
        session.answer(reply(question, annotator=annotator))


def asks_next(session):
    """All that the session would ask by."""
    pool_predictions = session._trainer.pool_predictions
    return pool_predictions.version, pool_predictions.order, pool_predictions.candidates, pool_predictions.f1


def test_no_question_waits_for_a_version_that_another_process_has_made(learning, opened):
    held = HeldTrainer()
    one, two = opened(Quick()), opened(held)
    answer(one, one.questions("ann", 3))
    assert one.settle(60)
    try:
        (before,) = finish(lambda: two.questions("bob"))
        assert held.started.wait(60)  # it knows of the version now, and does not have it yet
        answer(two, [before], "bob")
        (after,) = finish(lambda: two.questions("bob"))
        assert two.version == one.version == 1
        assert after.id != before.id
    finally:
        held.released.set()
    assert two.settle(60)
    assert weights(two) == weights(one)


def test_a_version_is_taken_over_from_its_checkpoint(learning, opened, tmp_path):
    teacher = Quick()
    one = opened(Quick(), checkpoints=tmp_path / "versions")
    two = opened(teacher, checkpoints=tmp_path / "versions")
    for count in range(1, 5):
        answer(one, one.questions("ann", 3))
        assert one.settle(60)
        two.questions("bob", count)  # a new one is among them each time
        assert two.settle(60)
        assert (two.version, weights(two)) == (one.version, weights(one))
        assert asks_next(two) == asks_next(one)
    assert two.version == 4
    assert teacher.trained == []


def test_without_checkpoints_versions_are_made_again_each_from_the_one_before(learning, opened):
    teacher = Quick()
    one, two = opened(Quick()), opened(teacher)
    for count in range(1, 5):
        answer(one, one.questions("ann", 3))
        assert one.settle(60)
        two.questions("bob", count)  # a new one is among them each time
        assert two.settle(60)
        assert asks_next(two) == asks_next(one)
    assert teacher.trained == snapshots(one)
    assert weights(two) == weights(one)


def test_a_version_is_made_by_one_process_only(learning, opened, tmp_path, asked):
    held, other = HeldTrainer(), Quick()
    one = opened(held, checkpoints=tmp_path / "versions")
    two = opened(other, checkpoints=tmp_path / "versions")
    own = one.questions("ann", 2)
    answer(two, two.questions("bob", 2), "bob")
    answer(one, own)  # a version is due to both, of three answers or, if the fourth is quick, of all
    assert held.started.wait(60)
    two.questions("bob")
    wait_for(lambda: two._trainer._lock in asked)
    held.released.set()
    assert one.settle(60)
    assert two.settle(60)
    assert held.trained == snapshots(one) == snapshots(two)
    assert other.trained == []
    assert two.progress().learned_from >= 3
    assert weights(two) == weights(one)


def test_a_process_that_is_stuck_is_not_waited_for_for_ever(learning, opened, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "PATIENCE", 0.0)
    held = HeldTrainer()
    one = opened(held, checkpoints=tmp_path / "versions")
    two = opened(Quick(), checkpoints=tmp_path / "versions")
    questions = two.questions("bob", 3)
    answer(one, one.questions("ann", 3))
    assert held.started.wait(60)
    answer(two, questions, "bob")
    wait_for(lambda: two.version == 1)
    assert two.settle(60)
    held.released.set()
    assert one.settle(60)
    assert (one.version, weights(one)) == (two.version, weights(two))


def test_the_model_that_a_session_starts_with_is_nobodys_to_keep(learning, opened, tmp_path):
    folder = tmp_path / "versions"
    start = Quick().learn(None, TrainingSnapshot((), {}, 0.8))
    one = opened(Quick(start), checkpoints=folder)
    assert one.settle(60)
    elsewhere = VersionLock(folder)
    assert elsewhere.acquire()
    try:
        two = opened(Quick(start), checkpoints=folder)
        assert finish(lambda: two.questions("bob"))
        assert asks_next(two) == asks_next(one)
    finally:
        elsewhere.release()


def test_while_one_makes_the_model_from_scratch_it_learns_what_is_answered_to_others(
    refitting, opened, tmp_path
):
    held, other = HeldRefitTrainer(), Quick()
    one = opened(held, checkpoints=tmp_path / "versions")
    two = opened(other, checkpoints=tmp_path / "versions")
    for _ in range(3):
        answer(one, one.questions("ann", 3))
        assert one.settle(60)
    assert held.started.wait(60)
    answer(two, two.questions("bob", 3), "bob")
    wait_for(lambda: one.progress().learned_from == 12)
    two.questions("bob")
    assert two.settle(60)
    assert two.version == 4
    held.released.set()
    rest(one)
    two.questions("bob")
    rest(two)
    assert [version.from_scratch for version in two._event_log.learned] == [
        True,
        False,
        False,
        False,
        True,
        False,
    ]
    assert other.trained == []
    assert (two.version, weights(two)) == (one.version, weights(one))
    assert asks_next(two) == asks_next(one)
    again = opened(Quick())
    assert again.settle(60)
    assert (again.version, weights(again)) == (one.version, weights(one))


def test_a_model_refit_counts_though_others_have_logged_versions(refitting, opened, monkeypatch):
    """As on several machines, where no lock is shared."""
    held = HeldRefitTrainer()
    one = opened(held)
    for _ in range(3):
        answer(one, one.questions("ann", 3))
        assert one.settle(60)
    assert held.started.wait(60)
    monkeypatch.setattr(refits, "EVERY", 1000)  # once is enough
    two = opened(Quick())
    assert two.settle(60)
    for _ in range(2):
        answer(two, two.questions("bob", 3), "bob")
        assert two.settle(60)
    assert (two.version, two.progress().learned_from) == (5, 15)
    held.released.set()
    wait_for(lambda: one._event_log.state.answer_index.refitted == 9)
    rest(one)
    two.questions("bob")
    rest(two)
    assert [version.version for version in two._event_log.learned if version.from_scratch] == [1, 6]
    again = opened(Quick())
    assert again.settle(60)
    assert weights(again) == weights(two) == weights(one)


class Interrupted(Quick):
    """While it makes a version, another process gets an answer."""

    def __init__(self):
        super().__init__()
        self.meanwhile = lambda: None

    def learn(self, previous, snapshot, step=lambda: None):
        self.meanwhile()
        return super().learn(previous, snapshot, step)


def test_a_session_ends_while_another_process_goes_on_answering(refitting, opened, monkeypatch):
    monkeypatch.setattr(refits, "EVERY", 1000)
    teacher = Interrupted()
    ending, other = opened(teacher), opened()
    questions = ending.questions("ann", 4)
    answer(ending, questions[:3])
    assert ending.settle(60)
    teacher.meanwhile = lambda: answer(other, other.questions("bob"), "bob")
    answer(ending, questions[3:])
    assert finish(ending.close) is None
    assert len(teacher.trained) == 3  # after the first version one of what is new, and one made from scratch
    assert ending._event_log.state.answer_index.refitted >= 4
    assert len(other.history("bob", 100)) == 2


def test_a_session_that_ends_has_what_other_processes_have_learned(learning, opened, tmp_path):
    one = opened(Quick(), checkpoints=tmp_path / "versions")
    two = opened(Quick(), checkpoints=tmp_path / "versions")
    answer(one, one.questions("ann", 4))
    one.close()
    finish(two.close)
    assert (two.version, weights(two)) == (one.version, weights(one))
    assert two.progress().learned_from == 4


@pytest.fixture
def gone(opened):
    """Let the fixture's own closing of a session without a dataset be quiet."""
    sessions = []

    def open(*args, **options):
        sessions.append(opened(*args, **options))
        return sessions[-1]

    yield open
    for session in sessions:
        session._trainer.failure = None


def test_a_session_whose_dataset_is_dropped_stops_asking_and_ends(learning, gone, store, tmp_path):
    session = gone(Quick(), checkpoints=tmp_path / "versions")
    first, second = session.questions("ann", 2)
    answer(session, [first])
    store.drop("drugs")
    with pytest.raises(StoreError, match="dataset drugs was dropped"):
        session.answer(reply(second))
    with pytest.raises(StoreError, match="dataset drugs was dropped"):
        session.questions("ann", 2)
    assert "dataset drugs was dropped" in str(finish(session.close))
    assert not (tmp_path / "versions").exists()


def test_a_model_that_learns_while_its_dataset_is_dropped_ends_the_session(learning, gone, store):
    held = HeldTrainer()
    session = gone(held)
    questions = session.questions("ann", 4)
    answer(session, questions[:3])
    assert held.started.wait(60)
    store.drop("drugs")
    held.released.set()
    assert session.settle(60)
    with pytest.raises(StoreError, match="dataset drugs was dropped"):
        session.questions("ann", 4)
    assert "dataset drugs was dropped" in str(finish(session.close))


def test_a_dataset_that_is_made_again_belongs_to_another_session(learning, gone, store):
    before = gone(Quick())
    question = before.questions("ann")[0]
    store.drop("drugs")
    after = gone(Quick())
    with pytest.raises(StoreError, match="dataset drugs was dropped"):
        before.answer(reply(question))
    assert list(store.answers("drugs")) == []
    answer(after, after.questions("ann"))
    assert len(list(store.answers("drugs"))) == 1
