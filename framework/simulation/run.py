"""``simulate``: a session with the gold annotator, and how good its model is on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from nerture.core.learner.learner import Learner
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.evaluation.scorer import Counts, score
from nerture.sessions.live.factory import SessionParts
from nerture.sessions.live.state import LEARNING
from nerture.sessions.log.events import Answered, Asked, Learned
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.simulation.annotator import GoldAnnotator

LEASE = 3600.0  # seconds
ANSWER_STEP, SECOND_STEP = 25, 100.0
"""How far apart the points of a curve are, in answers, or in seconds where these are limited."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a learning curve.

    ``seconds`` are the annotator's. ``f1``, ``precision`` and ``recall`` are the model's on the texts to
    evaluate on; in ``retype``, where none learns, those of the annotations as they stand. ``accept_rate`` is
    the share of answers so far that left what was offered as it was; in ``retype``, of those that gave the
    surface its one label. All of them lie between 0 and 1.
    ``expected_f1`` is what an annotator would be told of the same model, who has no texts to evaluate on
    (``nerture.sessions.estimates.expected_f1``); None: nothing yet.
    """

    answers: int
    seconds: float
    f1: float
    precision: float
    recall: float
    accept_rate: float
    expected_f1: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the point as it is printed for programs."""
        return asdict(self)


class Simulation:
    """A session that is answered by gold; ``curve`` grows while it runs.

    ``held_out`` are the texts to evaluate on. The model learns as often as the state says that it is due,
    and learning takes no time of the annotator's.
    """

    def __init__(self, opened: SessionParts, annotator: GoldAnnotator, held_out: Sequence[Target]) -> None:
        self.retypes = opened.state.plan.mode == "retype"
        if not held_out and not self.retypes:
            raise DataError("no text to evaluate on")
        self.state, self.learning = opened.state, opened.learning
        self.annotator, self.held_out = annotator, held_out
        self.curve: list[Point] = []
        self.learner: Learner | None = opened.start
        self.pool_predictions: PoolPredictions | None = None
        self.answers = self.unchanged = 0
        self.seconds = 0.0
        if self.learner is not None and not self.retypes:
            self.pool_predictions = self.state.look(self.learner, 0, self.state.snapshot())

    @property
    def judged(self) -> Literal["model", "annotations"]:
        """Whose F1 the curve shows."""
        return "annotations" if self.retypes else "model"

    def run(
        self,
        answers: int | None,
        seconds: float | None,
        listen: Callable[[Point], None] = lambda point: None,
    ) -> list[Point]:
        """Answer until there are so many answers, until the time is up, or until nothing is left to ask.

        An answer that would be given after the time is up does not count.
        """
        due_answers, due_seconds = 0, 0.0
        while True:
            self._keep_up()
            if self._reached(due_answers, due_seconds, seconds is not None):
                listen(self._evaluate())
                due_answers = self.answers + ANSWER_STEP
                while due_seconds <= self.seconds:
                    due_seconds += SECOND_STEP
            if (answers is not None and self.answers >= answers) or not self._ask(seconds):
                break
        before = self.learner
        self._keep_up(at_end=True)
        if self.curve[-1].answers == self.answers and self.learner is not before:
            self.curve.pop()  # the last point is of the model as the session leaves it
        if not self.curve or self.curve[-1].answers != self.answers:
            listen(self._evaluate())
        return self.curve

    def _keep_up(self, at_end: bool = False) -> None:
        """Learn what a session learns between two questions, or when it is closed."""
        if self.state.due(at_end):
            self._learn()
        if self.state.refits(at_end):
            self._learn(from_scratch=True)

    def _reached(self, answers: int, seconds: float, by_seconds: bool) -> bool:
        return self.seconds >= seconds if by_seconds else self.answers >= answers

    def _ask(self, most_seconds: float | None) -> bool:
        """Ask and answer one question; False: nothing was left to ask, or no time to answer it."""
        name = self.annotator.name
        question = self.state.propose(name, self.seconds, self.pool_predictions)
        if question is None:
            return False
        answer = self.annotator.answer(question, self.answers, self.seconds)
        taken = answer.seconds or 0.0
        if most_seconds is not None and self.seconds + taken > most_seconds:
            return False
        self.state.apply(Asked(question, name, self.seconds + LEASE))
        self.state.apply(Answered(self.state.check(answer)))
        offered = {(span.start_char, span.end_char, span.label) for span in question.spans}
        as_offered = answer.spans is None or set(answer.spans) == offered
        settled = not answer.flagged if self.retypes else as_offered
        self.unchanged += answer.verdict == "accept" and settled
        self.answers += 1
        self.seconds += taken
        return True

    def _learn(self, from_scratch: bool = False) -> None:
        snapshot = self.state.snapshot()
        snapshot = replace(
            snapshot, from_scratch=from_scratch or snapshot.from_scratch or self.learner is None
        )
        version = self.state.answer_index.version + 1
        self.learner = self.learning.learn(self.learner, snapshot)
        self.pool_predictions = self.state.look(self.learner, version, snapshot)
        self.state.apply(Learned(version, snapshot.events, self.pool_predictions.f1, snapshot.from_scratch))

    def _evaluate(self) -> Point:
        total = self._annotated() if self.retypes else self._learned()
        point = Point(
            self.answers, self.seconds, total.f1, total.precision, total.recall,
            self.unchanged / self.answers if self.answers else 0.0,
            self.pool_predictions.f1 if self.pool_predictions is not None else None,
        )  # fmt: skip
        self.curve.append(point)
        return point

    def _learned(self) -> Counts:
        """Compare the model with the texts to evaluate on."""
        learner = self.learner
        if self.state.plan.mode not in LEARNING:  # it learns when the session is over
            learner = self.learning.learn(None, self.state.snapshot())
        docs = [target.doc for target in self.held_out]
        predictions = learner.predict(docs) if learner is not None else [[] for _ in docs]
        return score(self.held_out, predictions, self.state.plan.labels).total

    def _annotated(self) -> Counts:
        """Compare the annotations under the new labels, as far as they have them, with gold."""
        labels = self.state.plan.subtypes
        given = {target.doc.text: target.spans for target in self.state.learnable()}
        counts = Counts()
        for text in self.state.pool.texts:
            marks = self.annotator.marks(text.doc.text, {})
            right = {mark for mark in marks if mark[2] in labels}
            spans = given.get(text.doc.text, ())
            said = {(span.start_char, span.end_char, span.label) for span in spans}
            counts.known += len(right)
            counts.predicted += len(said)
            counts.right += len(right & said)
        return counts
