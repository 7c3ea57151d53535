"""``BackgroundTrainer``: the thread in which a session's model learns while annotators go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Condition, Thread

from nerture.core.learner.learner import Learner
from nerture.errors import DataError, StoreError
from nerture.process_tuning import trim_malloc
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.learning.checkpoints import Checkpoints
from nerture.sessions.live.event_log import EventLog
from nerture.sessions.live.snapshot_replay import SnapshotReplay
from nerture.sessions.live.version_lock import VersionLock
from nerture.sessions.live.version_trainer import VersionTrainer
from nerture.sessions.log.events import Learned
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.store.records import LogGoneError, LogMovedError

UPDATE_DELAY = 0.03
"""Seconds at most between an answer and the training on it, so that the next question is made first."""
TRIM_EVERY = 30.0
"""Seconds for which freed memory is kept: the next version is slower if it has to ask the system again."""
SLICE = 0.5
"""Seconds for which a refit is trained, at least, before an update may interrupt it."""
RETRY = 1.0
"""Seconds before a version is logged again after the store has failed."""
POLL = 0.05
"""Seconds between two looks at whether another process has trained a version."""
PATIENCE = 10.0
"""Seconds to wait for that process; after that it seems stuck, and the version is trained here."""


class Outdated(Exception):  # noqa: N818 - it is no error
    """The version being trained would be of no use."""


class BackgroundTrainer:
    """Keeps the newest version of the model, and trains the next one when there is enough to learn from.

    A version counts from the moment it is logged; its predictions on the pool exist by then. Of several
    processes, one trains it (``version_lock``), from the answers given to any of them; the others load its
    checkpoint, or train it again if there is none.

    The caller must hold ``changed``, except in ``begin`` and ``end``.
    """

    def __init__(
        self,
        teacher: VersionTrainer | None,
        checkpoints: Checkpoints | None,
        event_log: EventLog,
        changed: Condition,
        clock: Callable[[], float],
    ) -> None:
        self.teacher, self.checkpoints, self.event_log = teacher, checkpoints, event_log
        self.changed, self.clock = changed, clock
        self.learner = teacher.start if teacher else None
        self.pool_predictions: PoolPredictions | None = None
        self._at: Learned | None = None  # the version of ``learner``; None is the start of the session
        self._seen: Learned | None = None  # the version of ``pool_predictions``, if any
        self.failure: Exception | None = None
        self.closing = False
        self._ended = 0  # how many events there were when the session was to end
        self._restarted = False  # the log had a version when this process read it
        self._snapshots: list[tuple[Learned, TrainingSnapshot]] = []
        self._replay = SnapshotReplay(event_log.log, event_log.make_state)
        self._lock = VersionLock(checkpoints.folder if checkpoints else None)
        self._trimmed = clock()
        self._thread = Thread(target=self._run, name="nerture-trainer", daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        if self.teacher is not None:
            self._thread.start()

    def end(self) -> None:
        """Finish learning from what was answered so far, and wait for that; do not hold ``changed``."""
        with self.changed:
            with suppress(DataError):  # it is raised again once there is something to learn
                self.event_log.catch_up()
            self.closing, self._ended = True, self.event_log.count
            self.changed.notify_all()
        if self.teacher is not None:
            self._thread.join()

    def fail(self, error: Exception) -> None:
        """Stop learning because of an error that users of the session should see."""
        with self.changed:
            self.failure = self.failure or error
            self.changed.notify_all()

    @property
    def settled(self) -> bool:
        """Whether the model is the last version in the log."""
        return self.teacher is None or self._seen == self._last()

    @property
    def ready(self) -> bool:
        """Whether questions may be asked, by the newest version whose pool predictions are here.

        A newer version of another process is not waited for, but after a restart the last one in the log is,
        so that the same questions are asked as before. A session without a model asks by its patterns until
        there is one.
        """
        if self.teacher is None or self.pool_predictions is not None:
            return True
        return self.teacher.start is None and not self._restarted

    @property
    def busy(self) -> bool:
        """Whether a version is being trained or is due."""
        return self.teacher is not None and (
            not self.settled or self.beginning or self.event_log.state.is_update_due()
        )

    @property
    def unfinished(self) -> bool:
        """Whether ending the session now would train another version."""
        state, learns = self.event_log.state, self.teacher is not None and self.failure is None
        return learns and (state.is_update_due(at_end=True) or state.is_refit_due(at_end=True))

    @property
    def beginning(self) -> bool:
        """Whether the start model has yet to predict on the pool."""
        start = None if self.teacher is None else self.teacher.start
        return start is not None and not self.event_log.learned

    def read(self) -> None:
        """Read the log, once; the thread then loads or trains its last version."""
        self._snapshots = self.event_log.read(self._load_newest)
        self._restarted = bool(self.event_log.learned)

    def _load_newest(self, learned: Sequence[Learned]) -> int:
        """Load the newest version that has a checkpoint; return its number, 0 if there is none."""
        found = self.checkpoints.newest(learned) if self.checkpoints else None
        if found is None:
            return 0
        self._at, self.learner = found
        return self._at.version

    def _run(self) -> None:
        try:
            while self._work_once():
                pass
        except Exception as error:
            self.fail(error)
        if self.checkpoints is not None and isinstance(self.failure, LogGoneError):
            self.checkpoints.remove()

    def _work_once(self) -> bool:
        """Do the next job; return False if the session is closing and all is done, or has failed."""
        with self.changed:
            self.changed.wait_for(self._has_work)
            job = self._next_job() if self.failure is None else None
        if job is None:
            return False
        try:
            with suppress(Outdated):
                job()
        except StoreError as error:
            with self.changed:
                if self.closing or isinstance(error, LogGoneError):
                    raise
                self.changed.wait(RETRY)
        if self.clock() - self._trimmed >= TRIM_EVERY:
            trim_malloc()
            self._trimmed = self.clock()
        return True

    def _has_work(self) -> bool:
        return self.closing or self.failure is not None or self._next_job() is not None

    def _next_job(self) -> Callable[[], None] | None:
        """Return what is to be done now, or None."""
        if self.teacher is None:
            return None
        if not self.settled:
            return self._catch_up
        if self.beginning and not self.closing:
            return self._predict_with_start
        due = self._is_due()
        if self._is_refit_due() and not (due and self.closing):
            return self._refit
        return self._update if due else None

    def _is_due(self) -> bool:
        """Return whether an update is due; at the end, on the answers given before it."""
        state = self.event_log.state
        knows_all = self.closing and state.answer_index.learned_events >= self._ended
        return state.is_update_due(at_end=self.closing) and not knows_all

    def _is_refit_due(self) -> bool:
        """Return whether a refit is due; at the end, on the answers given before it."""
        refits = [version.events for version in self.event_log.learned if version.from_scratch]
        knows_all = self.closing and bool(refits) and refits[-1] >= self._ended
        return self.event_log.state.is_refit_due(at_end=self.closing) and not knows_all

    def _with_lock(self, job: Callable[[], None], is_needed: Callable[[], bool]) -> None:
        """Do a job while no other process trains a version, unless it is no longer needed by then."""
        until = time.monotonic() + PATIENCE
        try:
            with self.changed:
                while (needed := is_needed()) and not self._lock.acquire() and time.monotonic() < until:
                    self.changed.wait(POLL)
            if needed:
                job()
        finally:
            self._lock.release()

    def _catch_up(self) -> None:
        """Adopt the last version in the log: from its checkpoint once that is saved, else by training."""
        if self._is_checkpoint_pending():
            self._with_lock(self._adopt_last, self._is_checkpoint_pending)
        else:
            self._adopt_last()

    def _is_checkpoint_pending(self) -> bool:
        """Return whether the process that trained the last version may still be saving it."""
        last = self._last()
        if self.checkpoints is None or last is None or not last.version:
            return False
        return not self.checkpoints.has(last)

    def _adopt_last(self) -> None:
        """Adopt the last version in the log, starting from the newest one that is here or saved."""
        with self.changed:
            learned, snapshots = list(self.event_log.learned), self._snapshots
            learner, at = self.learner, self._at
        target = learned[-1]
        if at != target and self.checkpoints is not None and self.checkpoints.has(target):
            saved = self.checkpoints.newest(learned)
            if saved is not None and (at is None or saved[0].version > at.version):
                at, learner = saved
        if not snapshots or snapshots[-1][0] != target:
            after = [version for version in learned if at is None or version.version > at.version]
            snapshots = self._replay.snapshots(after or [target])
        ahead = [
            (version, snapshot)
            for version, snapshot in snapshots
            if at is None or version.version > at.version
        ]
        self._adopt(target, self._train(ahead or snapshots[-1:], learner, at), save=target != at)

    def _predict_with_start(self) -> None:
        """Let the start model predict on the pool."""
        with self.changed:
            learner, snapshot = self.learner, self.event_log.first_snapshot()
        start = Learned(0, 0)
        self._publish(None, [start], self._train([(start, snapshot)], learner, start))

    def _update(self) -> None:
        """Train the next version from the present one."""
        self._with_lock(self._train_update, lambda: self.settled and self._is_due())

    def _refit(self) -> None:
        """Train the next version from scratch."""
        self._with_lock(self._train_refit, lambda: self.settled and self._is_refit_due())

    def _train_update(self) -> None:
        """Train the next version on new answers, whichever process they were given to."""
        with self.changed:
            if not self.closing and self.event_log.state.answer_index.count_changes():
                self.changed.wait(UPDATE_DELAY)
            self.event_log.catch_up()
            if not self.settled or not self._is_due():
                return
            base, learner, snapshot = self._last(), self.learner, self.event_log.state.snapshot()
        if learner is None:
            snapshot = replace(snapshot, from_scratch=True)
        version = _next_version(base, snapshot)
        self._publish(base, [version], self._train([(version, snapshot)], learner, base))

    def _train_refit(self) -> None:
        """Train a version from scratch, with updates of the present one in between if they are due.

        At the end it is updated on the answers that came in the meantime. Raises ``Outdated``.
        """
        assert self.teacher is not None
        with self.changed:
            self.event_log.catch_up()
            if not self.settled or not self._is_refit_due():
                return
            snapshot = replace(self.event_log.state.snapshot(), from_scratch=True)
            refitted = self.event_log.state.answer_index.refitted
        next_look = next_version = 0.0

        def between_steps() -> None:
            nonlocal next_look, next_version
            with self.changed:
                if not self.closing and time.monotonic() >= next_look:
                    self.event_log.catch_up()
                    next_look = time.monotonic() + SLICE
                self._check_refit(snapshot, refitted)
                behind = not self.settled
                is_due = time.monotonic() >= next_version and self.event_log.state.is_update_due()
            if behind:
                self._adopt_last()
            elif is_due:
                self._train_update()
                next_version = time.monotonic() + SLICE

        learner = self.teacher.learn(None, snapshot, between_steps)
        while True:
            with self.changed:
                self._check_refit(snapshot, refitted)
                base = self._last()
                version = _next_version(base, snapshot)
                snapshots = [(version, snapshot)]
                if self.event_log.state.answer_index.has_changed_since(snapshot.events):
                    new = replace(self.event_log.state.snapshot(), learned=snapshot.answers)
                    snapshots.append((_next_version(version, new), new))
            pool_predictions = self._train(snapshots, learner, version)
            if self._publish(base, [logged for logged, _ in snapshots], pool_predictions):
                return

    def _check_refit(self, snapshot: TrainingSnapshot, refitted: int) -> None:
        """Raise ``Outdated`` if a refit on this snapshot would be of no use.

        ``refitted`` is how many answers the refit before it learned from.
        """
        answer_index = self.event_log.state.answer_index
        ends = (
            self.closing and snapshot.events < self._ended and answer_index.has_changed_since(snapshot.events)
        )
        if answer_index.refitted != refitted or answer_index.has_lost_since(snapshot.events) or ends:
            raise Outdated

    def _last(self) -> Learned | None:
        """Return the last version in the log."""
        return self.event_log.learned[-1] if self.event_log.learned else None

    def _train(
        self,
        snapshots: Sequence[tuple[Learned, TrainingSnapshot]],
        learner: Learner | None,
        at: Learned | None,
    ) -> PoolPredictions:
        """Train one version after the other, and let the last predict on the pool.

        ``learner`` is that of the version ``at``, which is not trained again. Nor are the versions before the
        last refit: nothing follows from them.
        """
        assert self.teacher is not None
        from_scratch = [index for index, (_, snapshot) in enumerate(snapshots) if snapshot.from_scratch]
        for learned, snapshot in snapshots[from_scratch[-1] if from_scratch else 0 :]:
            if learned.version and learned != at:
                learner = self.teacher.learn(learner, snapshot)
        learned, snapshot = snapshots[-1]
        return self.event_log.state.predict_pool(learner, learned.version, snapshot)

    def _publish(
        self, base: Learned | None, versions: Sequence[Learned], pool_predictions: PoolPredictions
    ) -> bool:
        """Log versions that follow ``base``; the last, with its ``pool_predictions``, becomes the model.

        Return False if others have logged one in the meantime: these then count for nothing.
        """
        target = replace(versions[-1], f1=pool_predictions.f1)
        logged = self._log(base, [*versions[:-1], target])
        if logged:
            self._adopt(target, pool_predictions, save=target.version > 0)
        return logged

    def _adopt(self, target: Learned, pool_predictions: PoolPredictions, save: bool) -> None:
        """Make a logged version the model, and ``save`` its checkpoint."""
        with self.changed:
            self.learner, self.pool_predictions = pool_predictions.learner, pool_predictions
            self._at, self._seen, self._snapshots = target, target, []
            self.changed.notify_all()
        if save and self.checkpoints is not None and pool_predictions.learner is not None:
            self.checkpoints.save(target, pool_predictions.learner)

    def _log(self, base: Learned | None, versions: Sequence[Learned]) -> bool:
        """Log versions; return False if others have logged one in the meantime."""
        while True:
            with self.changed:
                if self._last() != base:
                    return False
                try:
                    with suppress(LogMovedError):
                        self.event_log.add(self.clock(), *versions)
                        return True
                    self.event_log.catch_up()
                except DataError as error:
                    if self.closing or isinstance(error, LogGoneError):
                        raise
                    self.changed.wait(RETRY)


def _next_version(before: Learned | None, snapshot: TrainingSnapshot) -> Learned:
    """Return the version that follows ``before`` and learns from ``snapshot``."""
    number = 1 if before is None else before.version + 1
    return Learned(number, snapshot.events, from_scratch=snapshot.from_scratch)
