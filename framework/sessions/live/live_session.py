"""``LiveSession``: an open session: its log in the store, its state, and a model that keeps learning."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from threading import Condition
from typing import Any, Concatenate, ParamSpec, TypeVar

from nerture.core.learner.learner import Learner
from nerture.errors import DataError, StoreError
from nerture.sessions.answers.agreement import Agreement
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.answers.validation import check_answer_fields, check_name
from nerture.sessions.learning.checkpoints import Checkpoints
from nerture.sessions.live.background_trainer import BackgroundTrainer
from nerture.sessions.live.event_log import EventLog
from nerture.sessions.live.protocol import SessionProgress
from nerture.sessions.live.state import SessionState
from nerture.sessions.live.statistics_reader import StatisticsReader
from nerture.sessions.live.version_trainer import VersionTrainer
from nerture.sessions.log.event_codec import round_trip
from nerture.sessions.log.events import Asked, Event, PatternJudged, Undone
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict, check_verdict
from nerture.store.records import LogGoneError, LogMovedError
from nerture.store.session_log import SessionLog

LEASE = 600.0  # seconds
ATTEMPTS = 10

P = ParamSpec("P")
T = TypeVar("T")


def _retry_if_moved(
    method: Callable[Concatenate[LiveSession, P], T],
) -> Callable[Concatenate[LiveSession, P], T]:
    """Hold ``changed`` during a call; if others have appended to the log, read on and try again."""

    @wraps(method)
    def call(self: LiveSession, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._changed:
            for _ in range(ATTEMPTS):
                try:
                    return method(self, *args, **kwargs)
                except LogMovedError:
                    self._event_log.catch_up()
                    self._changed.notify_all()  # there may be new answers to learn from, or a new version
                except LogGoneError as error:
                    self._trainer.fail(error)
                    raise
            return method(self, *args, **kwargs)

    return call


class LiveSession:
    """A session on a log (``nerture.sessions.live.protocol.Session``).

    Every event is logged before anybody sees it, and everything else follows from the log: after a crash, a
    new session on the same log has the same model, to the byte, and asks the same questions. Several
    processes may have the same log open; a process that finds it longer than expected reads on. One of them
    at a time trains versions of the model, and the others ask by the version they have until they have loaded
    the new one. If the dataset is dropped, every call raises an error that says so.

    ``make_state`` makes the initial state of the session, from the same plan and texts each time. ``trainer``
    trains the versions of the model in a thread of its own; without it, nothing is learned. ``checkpoints``
    is the folder where versions are saved for a quick restart. An annotator holds a question for ``lease``
    seconds. ``clock`` returns the time in seconds since 1970. ``saved`` is called once with each answer that
    this session has saved, in order, and must return at once. Closing the session leaves the store open.

    Raises ``DataError`` if the log cannot be read, or was written with other texts.
    """

    def __init__(
        self,
        log: SessionLog,
        make_state: Callable[[], SessionState],
        trainer: VersionTrainer | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        checkpoints: Path | None = None,
        lease: float = LEASE,
        clock: Callable[[], float] = time.time,
        saved: Callable[[str, Question, Answer], None] | None = None,
    ) -> None:
        self._log = log
        self._saved = saved
        self._unreported: dict[str, Answer] = {}  # perhaps saved: the store failed, or was interrupted
        self._settings, self._lease, self._clock = dict(settings or {}), lease, clock
        self._changed = Condition()
        self._event_log = EventLog(log, make_state)
        self._plan = self._event_log.state.plan
        self._statistics = StatisticsReader(self._event_log, self._changed)
        features = trainer.match_features if trainer else None
        versions = Checkpoints(checkpoints, log.identity, features) if checkpoints and trainer else None
        self._trainer = BackgroundTrainer(trainer, versions, self._event_log, self._changed, clock)
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
        """How the session was opened, for display."""
        return dict(self._settings)

    @property
    def learner(self) -> Learner | None:
        """The newest version of the model, or None before there is one."""
        with self._changed:
            return self._trainer.learner

    @property
    def version(self) -> int:
        """The number of the newest version; 0 is the start model."""
        with self._changed:
            learned = self._event_log.learned
            return learned[-1].version if learned else 0

    @_retry_if_moved
    def questions(self, annotator: str, count: int = 1) -> Sequence[Question]:
        """Return this annotator's next questions: the open ones first, then new ones.

        Each is in the store before it is returned. Waits while the model is restored after a restart. Raises
        ``DataError`` if the store fails, and the error of the training if that failed.
        """
        self._raise_failure()
        check_name("annotator", annotator)
        now = self._clock()
        questions = self._event_log.queues.find_open(annotator, now)[:count]
        while len(questions) < count:
            question = None
            if self._trainer.ready:
                question = self._event_log.state.propose(annotator, now, self._trainer.pool_predictions)
            if question is not None:
                question = round_trip(question)
                self._add(Asked(question, annotator, now + self._lease))
                questions.append(question)
            elif questions or not self._trainer.busy:
                break
            else:  # there is no model yet, and nothing can be asked without one
                self._changed.wait()
                self._raise_failure()
        return questions

    @_retry_if_moved
    def answer(self, answer: Answer) -> None:
        """Save an answer, which is on disk when this returns; the same ``answer.id`` again changes nothing.

        Raises ``DataError`` for an unknown question or label, for spans that are not whole tokens or overlap,
        and if the store fails; the answer may then be saved or not, and should be sent again.
        """
        if self._event_log.queues.has_answer(answer.id):
            self._report(answer.id)
            return
        check_answer_fields(answer)
        try:
            checked = self._event_log.state.check(answer)
        except DataError:
            if self._log.store.has_answer(self.dataset, answer.id):
                return  # an earlier session on this dataset has saved it
            raise
        before = self._unreported.get(answer.id)
        self._unreported[answer.id] = checked
        try:
            self._add(checked)
        except LogMovedError:  # nothing was saved now, but an earlier call may have saved it
            if before is None:
                del self._unreported[answer.id]
            if not self._log.store.has_answer(self.dataset, answer.id):
                raise
        self._report(answer.id)

    @_retry_if_moved
    def undo(self, annotator: str) -> Question | None:
        """Undo this annotator's last answer and return its question, which is asked next.

        Returns None if there is nothing to undo.
        """
        last = self._event_log.queues.last_answer(annotator)
        if last is None:
            return None
        question = self._event_log.queues.find_question(last.question)
        assert question is not None
        again = Asked(question, annotator, self._clock() + self._lease)
        self._add(Undone(last.id, annotator), again)
        return question

    def history(self, annotator: str, count: int) -> Sequence[tuple[Question, Answer]]:
        """Return this annotator's latest current answers, newest first."""
        with self._changed:
            return self._event_log.queues.history(annotator, count)

    def progress(self, annotator: str | None = None) -> SessionProgress:
        """Return counts and estimates, of one annotator or of all."""
        with self._changed:
            return self._event_log.state.progress(annotator, self._trainer.pool_predictions)

    def suggestions(self, count: int) -> Sequence[PatternSuggestion]:
        """Return the patterns that accepted spans suggest and that have no verdict yet, best first."""
        suggestions = self._statistics.suggestions()
        with self._changed:
            return self._event_log.state.verdicts.drop_judged(suggestions)[:count]

    def judge_pattern(self, verdict: PatternVerdict) -> None:
        """Save a verdict, which is on disk when this returns; the same id again changes nothing.

        Raises ``DataError`` for a pattern that was never suggested, and if the store fails.
        """
        check_verdict(verdict)
        suggested = self._statistics.find(verdict.suggestion)
        self._judge(verdict, suggested)

    def judged_patterns(self) -> Sequence[tuple[NewPattern, PatternVerdict]]:
        """Return the patterns that have a verdict, the latest last."""
        with self._changed:
            return self._event_log.state.verdicts.current_verdicts()

    def agreement(self) -> Agreement | None:
        """Return how far annotators agree; None if no two have answered the same question."""
        return self._statistics.agreement()

    def settle(self, timeout: float | None = None) -> bool:
        """Wait until no training is due; return False if the time runs out first."""

        def is_idle() -> bool:
            return self._trainer.failure is not None or not self._trainer.busy

        with self._changed:
            return self._changed.wait_for(is_idle, timeout)

    @property
    def unfinished(self) -> bool:
        """Whether closing trains another version first."""
        with self._changed:
            return self._trainer.unfinished

    def close(self) -> None:
        """Finish learning from the answers, save, and release everything.

        Raises the error of the training if that failed.
        """
        self._trainer.end()
        with self._changed, suppress(DataError):  # without the store, nobody knows
            for answer in list(self._unreported):
                if self._log.store.has_answer(self.dataset, answer):
                    self._report(answer)
        self._raise_failure()

    def _report(self, id: str) -> None:
        """Call ``saved`` with an answer that this session has saved and not yet reported."""
        answer = self._unreported.pop(id, None)
        question = self._event_log.queues.find_question(answer.question) if answer is not None else None
        if self._saved is not None and answer is not None and question is not None:
            self._saved(self.dataset, question, answer)

    @_retry_if_moved
    def _judge(self, verdict: PatternVerdict, suggested: NewPattern | None) -> None:
        verdicts = self._event_log.state.verdicts
        if verdicts.has_verdict(verdict.id):
            return
        pattern = verdicts.find(verdict.suggestion) or suggested
        if pattern is None:
            raise DataError(f"verdict {verdict.id}: no answer suggests {verdict.suggestion} as a pattern")
        self._add(PatternJudged(pattern, verdict))

    def _add(self, *events: Event) -> None:
        if self._trainer.closing:
            raise StoreError(f"the session on dataset {self.dataset} is closed")
        self._event_log.add(self._clock(), *events)
        self._changed.notify_all()

    def _raise_failure(self) -> None:
        failure = self._trainer.failure
        if failure is not None:
            raise failure
