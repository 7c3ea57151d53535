"""``Apprentice``: the thread in which a session's model learns while the annotator goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Condition, Thread
from typing import Protocol

from nerture.core.learner import Learner, MatchFeatures
from nerture.errors import DataError
from nerture.sessions.checkpoints import Checkpoints
from nerture.sessions.events import Learned
from nerture.sessions.heap import give_back
from nerture.sessions.journal import Journal
from nerture.sessions.lesson import Lesson
from nerture.sessions.outlook import Outlook
from nerture.store.records import LogMovedError

BREATH = 0.03
"""Seconds at most between an answer and the learning from it: the question that follows is made first."""
KEPT_FREE = 30.0
"""Seconds for which free memory is kept: the next version takes longer where it has to get it anew."""
RETRY = 1.0
"""Seconds until a version is put into the log again, after the store has failed."""


class Teacher(Protocol):
    """Makes the versions of a model (``nerture.sessions.learning``)."""

    start: Learner | None
    match_features: MatchFeatures | None

    def learn(
        self, previous: Learner | None, lesson: Lesson, version: int, step: Callable[[], None] = ...
    ) -> Learner:
        """Return the next version, as a function of what it is given; ``step`` may end it by raising."""


class Called(Exception):  # noqa: N818 - it is no error
    """Somebody waits: what is made at rest is given up."""


class Apprentice:
    """Keeps the newest version of the model, and makes the next one when there is enough to learn from.

    A version counts from the moment it is in the log; it has then been asked about the texts already.
    Everything but ``run`` is called, and read, by who holds ``changed``.
    """

    def __init__(
        self,
        teacher: Teacher | None,
        checkpoints: Checkpoints | None,
        journal: Journal,
        changed: Condition,
        clock: Callable[[], float],
    ) -> None:
        self.teacher, self.checkpoints, self.journal = teacher, checkpoints, journal
        self.changed, self.clock = changed, clock
        self.learner = teacher.start if teacher else None
        self.outlook: Outlook | None = None
        self._at: Learned | None = None  # the version of ``learner``; None: the session's start
        self._seen: Learned | None = None  # the version of ``outlook``; None: there is none
        self.failure: Exception | None = None
        self.closing = False
        self._lessons: list[tuple[Learned, Lesson]] = []
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
        return self.settled and (self.outlook is not None or not self.beginning)

    @property
    def busy(self) -> bool:
        """Whether a version is on its way."""
        return self.teacher is not None and (not self.settled or self.beginning or self.journal.state.due())

    @property
    def unfinished(self) -> bool:
        """Whether a version is to be made if the session ends now."""
        state, learns = self.journal.state, self.teacher is not None and self.failure is None
        return learns and (state.due(at_end=True) or state.rests(at_end=True))

    @property
    def beginning(self) -> bool:
        """Whether the model that the session starts with has still to be asked about the texts."""
        start = None if self.teacher is None else self.teacher.start
        return start is not None and not self.journal.learned

    def read(self) -> None:
        """Read the log anew; what it takes to have its last version is done by the thread."""
        self._lessons = self.journal.read(self._known)
        self.changed.notify_all()

    def _known(self, learned: Sequence[Learned]) -> int:
        """Go to the newest version that is at hand; return its number, 0 if there is none."""
        if self._at is None or self._at not in learned:
            start = self.teacher.start if self.teacher else None
            found = self.checkpoints.newest(learned) if self.checkpoints else None
            self._at, self.learner = found or (None, start)
            self._seen = self.outlook = None
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
            if self.settled and not self.closing and self.journal.state.ledger.fresh():
                self.changed.wait(BREATH)
                if not self._has_work():
                    return True
            base, at, learner, logged = self._last(), self._at, self.learner, False
            resting = self._rests
            if not self.settled:
                lessons, logged, resting = self._lessons, True, False
            elif self.beginning and not self.closing:
                lessons = [(Learned(0, 0), self.journal.first_lesson())]
            elif resting or self.journal.state.due(at_end=self.closing):
                version = 1 if base is None else base.version + 1
                lessons = [(Learned(version, self.journal.count), self.journal.state.lesson())]
            else:
                return False
        target = lessons[-1][0]
        try:
            outlook = self._make(lessons, learner, at, self._rest if resting else lambda: None)
        except Called:
            return True
        if self.clock() - self._gave_back >= KEPT_FREE:
            give_back()
            self._gave_back = self.clock()
        if not logged and not self._log(base, replace(target, f1=outlook.f1)):
            return True
        with self.changed:
            if self._last() == target:
                self.learner, self.outlook = outlook.learner, outlook
                self._at, self._seen, self._lessons = target, target, []
                self.changed.notify_all()
        learned = target.version and target != at  # what was read from a checkpoint has one
        if self.checkpoints is not None and learned and outlook.learner is not None:
            self.checkpoints.save(target, outlook.learner)
        return True

    def _last(self) -> Learned | None:
        """Return the last version of the log."""
        return self.journal.learned[-1] if self.journal.learned else None

    def _has_work(self) -> bool:
        return self.closing or self.busy or self._rests

    @property
    def _rests(self) -> bool:
        """Whether, with nothing else to do, the model is to be made afresh."""
        return self.teacher is not None and self.journal.state.rests(at_end=self.closing)

    def _rest(self) -> None:
        """Give up what is made at rest if there is something to learn."""
        with self.changed:
            if not self.settled or self.journal.state.due(at_end=self.closing):
                raise Called

    def _make(
        self,
        lessons: Sequence[tuple[Learned, Lesson]],
        learner: Learner | None,
        at: Learned | None,
        step: Callable[[], None],
    ) -> Outlook:
        """Learn the lessons, one version after the other, and ask the last about the texts.

        ``learner`` is that of the version ``at``, which is not learned again. Nor are those before the last
        one that begins afresh: nothing follows from them.
        """
        assert self.teacher is not None
        afresh = [place for place, (_, lesson) in enumerate(lessons) if lesson.afresh]
        for learned, lesson in lessons[afresh[-1] if afresh else 0 :]:
            if learned.version and learned != at:
                before = learner if learned.version > 1 else None
                learner = self.teacher.learn(before, lesson, learned.version, step)
        learned, lesson = lessons[-1]
        return self.journal.state.look(learner, learned.version, lesson)

    def _log(self, base: Learned | None, target: Learned) -> bool:
        """Put a version into the log; False: others have made one meanwhile, and it counts for nothing."""
        while True:
            with self.changed:
                if self._last() != base:
                    return False
                try:
                    with suppress(LogMovedError):
                        self.journal.add(self.clock(), target)
                        return True
                    if not self.journal.catch_up():
                        self.read()
                        return False
                except DataError:
                    if self.closing:
                        raise
                    self.changed.wait(RETRY)
