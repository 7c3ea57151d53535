"""``BackgroundTrainer``: the thread in which a session's model learns while the annotator goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Condition, Thread
from typing import Protocol

from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.errors import DataError
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.learning.checkpoints import Checkpoints
from nerture.sessions.learning.heap import give_back
from nerture.sessions.live.event_log import EventLog
from nerture.sessions.log.events import Learned
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.store.records import LogMovedError

BREATH = 0.03
"""Seconds at most between an answer and the learning from it: the question that follows is made first."""
KEPT_FREE = 30.0
"""Seconds for which free memory is kept: the next version takes longer where it has to get it anew."""
SLICE = 0.5
"""Seconds for which a version that is made afresh is worked at before another may be made, at least."""
RETRY = 1.0
"""Seconds until a version is put into the log again, after the store has failed."""


class VersionTrainer(Protocol):
    """Makes the versions of a model (``nerture.sessions.learning.incremental_trainer``)."""

    start: Learner | None
    match_features: MatchFeatures | None

    def learn(
        self, previous: Learner | None, snapshot: TrainingSnapshot, step: Callable[[], None] = ...
    ) -> Learner:
        """Return the next version, as a function of what it is given.

        ``step`` is called now and then; it may end it by raising, and have other versions made.
        """


class Outdated(Exception):  # noqa: N818 - it is no error
    """What is being made would be of no use."""


class BackgroundTrainer:
    """Keeps the newest version of the model, and makes the next one when there is enough to learn from.

    A version counts from the moment it is in the log; it has then been asked about the texts already.
    Everything but ``run`` is called, and read, by who holds ``changed``.
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
        self._at: Learned | None = None  # the version of ``learner``; None: the session's start
        self._seen: Learned | None = None  # the version of ``pool_predictions``; None: there is none
        self.failure: Exception | None = None
        self.closing = False
        self._lessons: list[tuple[Learned, TrainingSnapshot]] = []
        self._gave_back = clock()
        self._thread = Thread(target=self._run, name="nerture-apprentice", daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        if self.teacher is not None:
            self._thread.start()

    def end(self) -> None:
        """Let it finish what there is to learn, and wait for it; called without holding ``changed``."""
        with self.changed:
            self.closing = True
            self.changed.notify_all()
        if self.teacher is not None:
            self._thread.join()

    @property
    def settled(self) -> bool:
        """Whether the model is the one that the log speaks of."""
        return self.teacher is None or self._seen == self._last()

    @property
    def ready(self) -> bool:
        """Whether questions may be asked: by the model that the log speaks of, which knows the texts.

        A session without a model asks by what patterns tell, until there is one.
        """
        return self.settled and (self.pool_predictions is not None or not self.beginning)

    @property
    def busy(self) -> bool:
        """Whether a version is on its way."""
        return self.teacher is not None and (not self.settled or self.beginning or self.event_log.state.due())

    @property
    def unfinished(self) -> bool:
        """Whether a version is to be made if the session ends now."""
        state, learns = self.event_log.state, self.teacher is not None and self.failure is None
        return learns and (state.due(at_end=True) or state.refits(at_end=True))

    @property
    def beginning(self) -> bool:
        """Whether the model that the session starts with has still to be asked about the texts."""
        start = None if self.teacher is None else self.teacher.start
        return start is not None and not self.event_log.learned

    def read(self) -> None:
        """Read the log anew; what it takes to have its last version is done by the thread."""
        self._lessons = self.event_log.read(self._known)
        self.changed.notify_all()

    def _known(self, learned: Sequence[Learned]) -> int:
        """Go to the newest version that is at hand; return its number, 0 if there is none."""
        if self._at is None or self._at not in learned:
            start = self.teacher.start if self.teacher else None
            found = self.checkpoints.newest(learned) if self.checkpoints else None
            self._at, self.learner = found or (None, start)
            self._seen = self.pool_predictions = None
        return self._at.version if self._at else 0

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except Exception as error:
            with self.changed:
                self.failure = error
                self.changed.notify_all()

    def _step(self) -> bool:
        """Do the next thing; False: all is done, and the session is closing."""
        with self.changed:
            self.changed.wait_for(self._has_work)
            do = self._next()
        if do is None:
            return False
        with suppress(Outdated):
            do()
        if self.clock() - self._gave_back >= KEPT_FREE:
            give_back()
            self._gave_back = self.clock()
        return True

    def _has_work(self) -> bool:
        return self.closing or self._next() is not None

    def _next(self) -> Callable[[], None] | None:
        """Return what is to be done now; None: nothing is."""
        if self.teacher is None:
            return None
        if not self.settled:
            return self._catch_up
        if self.beginning and not self.closing:
            return self._begin
        due = self.event_log.state.due(at_end=self.closing)
        if self.event_log.state.refits(at_end=self.closing) and not (due and self.closing):
            return self._refit
        return self._go_on if due else None

    def _catch_up(self) -> None:
        """Make the last version that the log speaks of, from the newest one that is at hand."""
        with self.changed:
            snapshots, learner, at = self._lessons, self.learner, self._at
        target = snapshots[-1][0]
        self._take(target, self._make(snapshots, learner, at), keeps=target != at)

    def _begin(self) -> None:
        """Ask the model that the session starts with about the texts."""
        with self.changed:
            learner, snapshot = self.learner, self.event_log.first_lesson()
        start = Learned(0, 0)
        self._publish(None, [start], self._make([(start, snapshot)], learner, start))

    def _go_on(self) -> None:
        """Make the next version, of what is new."""
        with self.changed:
            if not self.closing and self.event_log.state.answer_index.fresh():
                self.changed.wait(BREATH)
            if not self.settled or not self.event_log.state.due(at_end=self.closing):
                return
            base, learner, snapshot = self._last(), self.learner, self.event_log.state.snapshot()
        if learner is None:
            snapshot = replace(snapshot, from_scratch=True)
        made = _version(base, snapshot)
        self._publish(base, [made], self._make([(made, snapshot)], learner, base))

    def _refit(self) -> None:
        """Make the model afresh, and others that go on from the present one in the meantime, if they are due.

        In the end one more is made, of what is new since this has begun. Raises ``Outdated``.
        """
        assert self.teacher is not None
        with self.changed:
            snapshot = replace(self.event_log.state.snapshot(), from_scratch=True)
        turn = 0.0

        def meanwhile() -> None:
            nonlocal turn
            with self.changed:
                self._check(snapshot)
                waited_for = time.monotonic() >= turn and self.event_log.state.due()
            if waited_for:
                self._go_on()
                turn = time.monotonic() + SLICE

        learner = self.teacher.learn(None, snapshot, meanwhile)
        with self.changed:
            self._check(snapshot)
            base = self._last()
            made = _version(base, snapshot)
            snapshots = [(made, snapshot)]
            if self.event_log.state.answer_index.changed_since(snapshot.events):
                new = replace(self.event_log.state.snapshot(), learned=snapshot.answers)
                snapshots.append((_version(made, new), new))
        pool_predictions = self._make(snapshots, learner, made)
        self._publish(base, [version for version, _ in snapshots], pool_predictions)

    def _check(self, snapshot: TrainingSnapshot) -> None:
        """Raise ``Outdated`` if a version that is made afresh of this lesson would be of no use."""
        answer_index = self.event_log.state.answer_index
        ends = self.closing and answer_index.changed_since(snapshot.events)
        if not self.settled or answer_index.lost_since(snapshot.events) or ends:
            raise Outdated

    def _last(self) -> Learned | None:
        """Return the last version of the log."""
        return self.event_log.learned[-1] if self.event_log.learned else None

    def _make(
        self,
        snapshots: Sequence[tuple[Learned, TrainingSnapshot]],
        learner: Learner | None,
        at: Learned | None,
    ) -> PoolPredictions:
        """Learn the lessons, one version after the other, and ask the last about the texts.

        ``learner`` is that of the version ``at``, which is not learned again. Nor are those before the last
        one that begins afresh: nothing follows from them.
        """
        assert self.teacher is not None
        from_scratch = [place for place, (_, snapshot) in enumerate(snapshots) if snapshot.from_scratch]
        for learned, snapshot in snapshots[from_scratch[-1] if from_scratch else 0 :]:
            if learned.version and learned != at:
                learner = self.teacher.learn(learner, snapshot)
        learned, snapshot = snapshots[-1]
        return self.event_log.state.look(learner, learned.version, snapshot)

    def _publish(
        self, base: Learned | None, versions: Sequence[Learned], pool_predictions: PoolPredictions
    ) -> None:
        """Put versions that follow ``base`` into the log; that of ``pool_predictions`` is the model."""
        target = replace(versions[-1], f1=pool_predictions.f1)
        if self._log(base, [*versions[:-1], target]):
            self._take(target, pool_predictions, keeps=target.version > 0)

    def _take(self, target: Learned, pool_predictions: PoolPredictions, keeps: bool) -> None:
        """Go on with a version that is in the log, unless others have made one since; keep a checkpoint."""
        with self.changed:
            if self._last() == target:
                self.learner, self.pool_predictions = pool_predictions.learner, pool_predictions
                self._at, self._seen, self._lessons = target, target, []
                self.changed.notify_all()
        if keeps and self.checkpoints is not None and pool_predictions.learner is not None:
            self.checkpoints.save(target, pool_predictions.learner)

    def _log(self, base: Learned | None, versions: Sequence[Learned]) -> bool:
        """Put versions into the log; False: others have made one meanwhile, and these count for nothing."""
        while True:
            with self.changed:
                if self._last() != base:
                    return False
                try:
                    with suppress(LogMovedError):
                        self.event_log.add(self.clock(), *versions)
                        return True
                    if not self.event_log.catch_up():
                        self.read()
                        return False
                except DataError:
                    if self.closing:
                        raise
                    self.changed.wait(RETRY)


def _version(before: Learned | None, snapshot: TrainingSnapshot) -> Learned:
    """Return the version that follows one, and learns from a lesson."""
    number = 1 if before is None else before.version + 1
    return Learned(number, snapshot.events, from_scratch=snapshot.from_scratch)
