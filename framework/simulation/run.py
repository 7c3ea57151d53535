"""``Simulation``: a session with the gold annotator, whose model is evaluated along the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from nerture.core.learner.learner import Learner
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.evaluation.scorer import Counts, score
from nerture.sessions.live.factory import SessionParts
from nerture.sessions.live.state import LEARNING_MODES
from nerture.sessions.log.events import Asked, Learned
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.simulation.annotator import GoldAnnotator

LEASE = 3600.0  # seconds
ANSWER_STEP, SECOND_STEP = 25, 100.0
"""Distance between points of a curve, in answers, or in seconds if these are limited."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a learning curve.

    ``seconds`` are the annotator's. ``f1``, ``precision`` and ``recall`` are the model's on the evaluation
    texts; in ``retype``, which has no model, those of the current annotations. ``accept_rate`` is the share
    of answers so far that left the suggestion unchanged; in ``retype``, of those that gave the surface a
    single label. All of them lie between 0 and 1. ``expected_f1`` is the estimate that an annotator without
    evaluation texts would see (``nerture.sessions.estimates.expected_f1``); None if it is too early.
    """

    answers: int
    seconds: float
    f1: float
    precision: float
    recall: float
    accept_rate: float
    expected_f1: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the point as plain data for JSON."""
        return asdict(self)


class Simulation:
    """A session that is answered from gold annotations; ``curve`` grows while it runs.

    ``held_out`` are the evaluation texts. The model is trained whenever the state says that it is due, which
    takes none of the annotator's time.
    """

    def __init__(self, parts: SessionParts, annotator: GoldAnnotator, held_out: Sequence[Target]) -> None:
        self.is_retype = parts.state.plan.mode == "retype"
        if not held_out and not self.is_retype:
            raise DataError("evaluation texts: expected 1 or more, got none")
        self.state, self.trainer = parts.state, parts.trainer
        self.annotator, self.held_out = annotator, held_out
        self.curve: list[Point] = []
        self.learner: Learner | None = parts.start
        self.pool_predictions: PoolPredictions | None = None
        self.answers = self.unchanged = 0
        self.seconds = 0.0
        if self.learner is not None and not self.is_retype:
            self.pool_predictions = self.state.predict_pool(self.learner, 0, self.state.snapshot())

    @property
    def evaluated(self) -> Literal["model", "annotations"]:
        """What the F1 of the curve evaluates."""
        return "annotations" if self.is_retype else "model"

    def run(
        self,
        answers: int | None,
        seconds: float | None,
        report: Callable[[Point], None] = lambda point: None,
    ) -> list[Point]:
        """Answer until there are ``answers``, ``seconds`` have passed, or nothing is left to ask.

        An answer that would exceed the time does not count. ``report`` is called with each point.
        """
        due_answers, due_seconds = 0, 0.0
        while True:
            self._train_if_due()
            if self._is_point_due(due_answers, due_seconds, seconds is not None):
                report(self._evaluate())
                due_answers = self.answers + ANSWER_STEP
                while due_seconds <= self.seconds:
                    due_seconds += SECOND_STEP
            if (answers is not None and self.answers >= answers) or not self._ask(seconds):
                break
        before = self.learner
        self._train_if_due(at_end=True)
        if self.curve[-1].answers == self.answers and self.learner is not before:
            self.curve.pop()  # the last point is that of the final model
        if not self.curve or self.curve[-1].answers != self.answers:
            report(self._evaluate())
        return self.curve

    def _train_if_due(self, at_end: bool = False) -> None:
        """Train as a session does between two questions, or when it is closed."""
        if self.state.is_update_due(at_end):
            self._train()
        if self.state.is_refit_due(at_end):
            self._train(from_scratch=True)

    def _is_point_due(self, answers: int, seconds: float, by_seconds: bool) -> bool:
        return self.seconds >= seconds if by_seconds else self.answers >= answers

    def _ask(self, max_seconds: float | None) -> bool:
        """Ask and answer one question; return False if none is left, or no time to answer it."""
        name = self.annotator.name
        question = self.state.propose(name, self.seconds, self.pool_predictions)
        if question is None:
            return False
        answer = self.annotator.answer(question, self.answers, self.seconds)
        taken = answer.seconds or 0.0
        if max_seconds is not None and self.seconds + taken > max_seconds:
            return False
        self.state.apply(Asked(question, name, self.seconds + LEASE))
        self.state.apply(self.state.check(answer))
        suggested = {(span.start_char, span.end_char, span.label) for span in question.spans}
        is_as_suggested = answer.spans is None or set(answer.spans) == suggested
        is_unchanged = not answer.flagged if self.is_retype else is_as_suggested
        self.unchanged += answer.verdict == "accept" and is_unchanged
        self.answers += 1
        self.seconds += taken
        return True

    def _train(self, from_scratch: bool = False) -> None:
        snapshot = self.state.snapshot()
        snapshot = replace(
            snapshot, from_scratch=from_scratch or snapshot.from_scratch or self.learner is None
        )
        version = self.state.answer_index.version + 1
        self.learner = self.trainer.learn(self.learner, snapshot)
        self.pool_predictions = self.state.predict_pool(self.learner, version, snapshot)
        self.state.apply(Learned(version, snapshot.events, self.pool_predictions.f1, snapshot.from_scratch))

    def _evaluate(self) -> Point:
        total = self._score_annotations() if self.is_retype else self._score_model()
        point = Point(
            self.answers, self.seconds, total.f1, total.precision, total.recall,
            self.unchanged / self.answers if self.answers else 0.0,
            self.pool_predictions.f1 if self.pool_predictions is not None else None,
        )  # fmt: skip
        self.curve.append(point)
        return point

    def _score_model(self) -> Counts:
        """Score the model on the evaluation texts."""
        learner = self.learner
        if self.state.plan.mode not in LEARNING_MODES:  # it is trained after the session
            learner = self.trainer.learn(None, self.state.snapshot())
        docs = [target.doc for target in self.held_out]
        predictions = learner.predict(docs) if learner is not None else [[] for _ in docs]
        return score(self.held_out, predictions, self.state.plan.labels).total

    def _score_annotations(self) -> Counts:
        """Score the retyped annotations against gold."""
        labels = self.state.plan.subtypes
        retyped = {target.doc.text: target.spans for target in self.state.training_targets()}
        counts = Counts()
        for text in self.state.pool.texts:
            marks = self.annotator.marks(text.doc.text, {})
            right = {mark for mark in marks if mark[2] in labels}
            spans = retyped.get(text.doc.text, ())
            predicted = {(span.start_char, span.end_char, span.label) for span in spans}
            counts.known += len(right)
            counts.predicted += len(predicted)
            counts.right += len(right & predicted)
        return counts
