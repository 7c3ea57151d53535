"""``LiveSession``: a session that is open: its log in the store, its state, a model that learns beside."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition
from typing import Any, TypeVar

from nerture.core.learner.learner import Learner
from nerture.errors import DataError, StoreError
from nerture.sessions.answers.agreement import Agreement
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.answers.validation import check_form, check_name
from nerture.sessions.learning.checkpoints import Checkpoints
from nerture.sessions.live.background_trainer import BackgroundTrainer, VersionTrainer
from nerture.sessions.live.event_log import EventLog
from nerture.sessions.live.protocol import SessionProgress
from nerture.sessions.live.state import SessionState
from nerture.sessions.live.statistics_reader import StatisticsReader
from nerture.sessions.log.event_codec import kept
from nerture.sessions.log.events import Answered, Asked, Event, PatternJudged, Undone
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict, check_judgement
from nerture.store.records import LogMovedError
from nerture.store.session_log import SessionLog

LEASE = 600.0  # seconds
ATTEMPTS = 10

T = TypeVar("T")


class LiveSession:
    """A session on a log (``nerture.sessions.live.protocol.Session``).

    Whatever happens is in the log before anybody hears of it, and everything else follows from the log: after
    a crash, a new session on the same log has the same model, to the byte, and asks the same. Several
    processes may have the same log open: who finds it longer than expected reads on.

    ``make_state`` makes the session's state before anything has happened, of the same plan and texts each
    time. ``teacher`` makes the versions of the model (None: nobody learns), in a thread of their own;
    ``checkpoints`` is the folder where versions are kept for a quick restart. A question is an annotator's
    own for ``lease`` seconds. ``clock`` gives the time in seconds since 1970. ``saved`` is called with each
    answer that this session has put on the disk, once, in order, and is to return at once. The store stays
    open when the session is closed.

    Raises ``DataError`` when the log cannot be read, or was written with other texts.
    """

    def __init__(
        self,
        log: SessionLog,
        make_state: Callable[[], SessionState],
        teacher: VersionTrainer | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        checkpoints: Path | None = None,
        lease: float = LEASE,
        clock: Callable[[], float] = time.time,
        saved: Callable[[str, Question, Answer], None] | None = None,
    ) -> None:
        self._log = log
        self._saved = saved
        self._untold: dict[str, Answer] = {}  # perhaps on the disk: the store failed, or was interrupted
        self._settings, self._lease, self._clock = dict(settings or {}), lease, clock
        self._changed = Condition()
        self._event_log = EventLog(log, make_state)
        self._plan = self._event_log.state.plan
        self._statistics = StatisticsReader(self._event_log, self._changed)
        features = teacher.match_features if teacher else None
        versions = Checkpoints(checkpoints, log.identity, features) if checkpoints and teacher else None
        self._trainer = BackgroundTrainer(teacher, versions, self._event_log, self._changed, clock)
        with self._changed:
            self._trainer.read()
        self._trainer.begin()

    @property
    def dataset(self) -> str:
        """The dataset that the answers go to."""
        return self._log.dataset

    @property
    def mode(self) -> str:
        """teach, correct, manual, match, retype, gold or review."""
        return self._plan.mode

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that may be given, in order."""
        return self._plan.labels

    @property
    def settings(self) -> dict[str, Any]:
        """What a face may show of how the session was opened."""
        return dict(self._settings)

    @property
    def learner(self) -> Learner | None:
        """The newest version of the model; None: there is none yet."""
        with self._changed:
            return self._trainer.learner

    @property
    def version(self) -> int:
        """The number of the newest version; 0 is the model that the session started with."""
        with self._changed:
            learned = self._event_log.learned
            return learned[-1].version if learned else 0

    def questions(self, annotator: str, count: int = 1) -> Sequence[Question]:
        """Return the next questions of this annotator: those out already and unanswered first, then new ones.

        Each is in the store before it is returned. Waits while the model is being made again after a restart.
        Raises ``DataError`` when the store fails, and what the learning raised if that failed.
        """
        return self._trying(lambda: self._questions(annotator, count))

    def answer(self, answer: Answer) -> None:
        """Save an answer: on disk when this returns; the same ``answer.id`` again changes nothing.

        Raises ``DataError`` for an unknown question, an unknown label, spans off its tokens or overlapping,
        and when the store fails: it is then not known to be saved, and is to be sent again.
        """
        self._trying(lambda: self._answer(answer))

    def undo(self, annotator: str) -> Question | None:
        """Take back this annotator's last answer and return its question, which is next.

        None: nothing is left to take back.
        """
        return self._trying(lambda: self._undo(annotator))

    def history(self, annotator: str, count: int) -> Sequence[tuple[Question, Answer]]:
        """Return this annotator's latest answers that stand, newest first."""
        with self._changed:
            return self._event_log.book.history(annotator, count)

    def standing(self, annotator: str | None = None) -> SessionProgress:
        """Return the counts, of one annotator or of all."""
        with self._changed:
            return self._event_log.state.standing(annotator, self._trainer.pool_predictions)

    def suggestions(self, count: int) -> Sequence[PatternSuggestion]:
        """Return the patterns that accepted spans suggest and nobody has judged, best first."""
        found = self._statistics.suggestions()
        with self._changed:
            return self._event_log.state.judgements.left(found)[:count]

    def judge(self, judgement: PatternVerdict) -> None:
        """Save what is said of a suggested pattern: on disk when this returns; the same id changes nothing.

        Raises ``DataError`` for a pattern that was never suggested, and when the store fails.
        """
        check_judgement(judgement)
        suggested = self._statistics.find(judgement.suggestion)
        self._trying(lambda: self._judge(judgement, suggested))

    def judged(self) -> Sequence[tuple[NewPattern, PatternVerdict]]:
        """Return the patterns that were judged, by anybody, the latest last."""
        with self._changed:
            return self._event_log.state.judgements.standing()

    def agreement(self) -> Agreement | None:
        """Return how far annotators agree; None: no two of them have answered the same question."""
        return self._statistics.agreement()

    def settle(self, timeout: float | None = None) -> bool:
        """Wait until the model has learned all that it is due to; False: the time ran out first."""

        def done() -> bool:
            trainer = self._trainer
            return trainer.failure is not None or not trainer.busy

        with self._changed:
            return self._changed.wait_for(done, timeout)

    @property
    def unfinished(self) -> bool:
        """Whether closing takes a moment, for there is something to learn."""
        with self._changed:
            return self._trainer.unfinished

    def close(self) -> None:
        """Finish learning from what was answered, save, and let go of everything.

        Raises what the learning raised, if it failed.
        """
        self._trainer.end()
        with self._changed, suppress(StoreError):  # what the store does not tell now, nobody knows
            for answer in list(self._untold):
                if self._log.store.has_answer(self.dataset, answer):
                    self._tell(answer)
        self._raise_failure()

    def _questions(self, annotator: str, count: int) -> list[Question]:
        self._raise_failure()
        check_name("annotator", annotator)
        now = self._clock()
        found = self._event_log.book.outstanding(annotator, now)[:count]
        while len(found) < count:
            question = None
            if self._trainer.ready:
                question = self._event_log.state.propose(annotator, now, self._trainer.pool_predictions)
            if question is not None:
                question = kept(question)
                self._add(Asked(question, annotator, now + self._lease))
                found.append(question)
            elif found or not self._trainer.busy:
                break
            else:  # the model is not there yet, and there is nothing to be asked without it
                self._changed.wait()
                self._raise_failure()
        return found

    def _answer(self, answer: Answer) -> None:
        if self._event_log.book.knows(answer.id):
            self._tell(answer.id)
            return
        check_form(answer)
        try:
            checked = self._event_log.state.check(answer)
        except DataError:
            if self._log.store.has_answer(self.dataset, answer.id):
                return  # an earlier session on this dataset has asked, and saved it
            raise
        before = self._untold.get(answer.id)
        self._untold[answer.id] = checked
        try:
            self._add(Answered(checked))
        except LogMovedError:  # this time nothing was saved; an earlier time it perhaps was
            if before is None:
                del self._untold[answer.id]
            if not self._log.store.has_answer(self.dataset, answer.id):
                raise
        self._tell(answer.id)

    def _tell(self, id: str) -> None:
        """Tell of an answer that is on the disk, if this session has put it there and has not told of it."""
        answer = self._untold.pop(id, None)
        question = self._event_log.book.question(answer.question) if answer is not None else None
        if self._saved is not None and answer is not None and question is not None:
            self._saved(self.dataset, question, answer)

    def _undo(self, annotator: str) -> Question | None:
        last = self._event_log.book.last(annotator)
        if last is None:
            return None
        question = self._event_log.book.question(last.question)
        assert question is not None
        again = Asked(question, annotator, self._clock() + self._lease)
        self._add(Undone(last.id, annotator), again)
        return question

    def _judge(self, judgement: PatternVerdict, suggested: NewPattern | None) -> None:
        judgements = self._event_log.state.judgements
        if judgements.knows(judgement.id):
            return
        pattern = judgements.find(judgement.suggestion) or suggested
        if pattern is None:
            raise DataError(
                f"judgement {judgement.id}: no answer suggests {judgement.suggestion} as a pattern"
            )
        self._add(PatternJudged(pattern, judgement))

    def _add(self, *events: Event) -> None:
        if self._trainer.closing:
            raise StoreError(f"the session on dataset {self.dataset} is closed")
        self._event_log.add(self._clock(), *events)
        self._changed.notify_all()

    def _trying(self, act: Callable[[], T]) -> T:
        """Do something; where others have added to the log, read on and try again."""
        with self._changed:
            for _ in range(ATTEMPTS):
                try:
                    return act()
                except LogMovedError:
                    if not self._event_log.catch_up():
                        self._trainer.read()
            return act()

    def _raise_failure(self) -> None:
        failure = self._trainer.failure
        if failure is not None:
            raise failure
