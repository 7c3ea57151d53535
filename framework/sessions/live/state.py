"""``SessionState``: a session as a pure state machine: no input or output, no clock, no threads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from nerture.core.learner.learner import Learner
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.interfaces import Candidate, Sorter
from nerture.sessions.answers.answer_targets import check_spans
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.estimates.answer_speed import measured
from nerture.sessions.estimates.answer_statistics import UnseenEntityRate, judged_offers, paces
from nerture.sessions.estimates.expected_f1 import expected_f1
from nerture.sessions.estimates.learning_curve import next_gain, thinned
from nerture.sessions.estimates.online_calibration import calibrated
from nerture.sessions.estimates.prequential import reading
from nerture.sessions.estimates.probes import Probes
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.learning.refit_schedule import is_refit_due
from nerture.sessions.live.protocol import SessionProgress
from nerture.sessions.log.answer_index import AnswerIndex
from nerture.sessions.log.events import Event, PatternJudged
from nerture.sessions.log.text_targets import TextTargets
from nerture.sessions.patterns.live_statistics import LiveStatistics, TextChange
from nerture.sessions.patterns.pattern_stats import PRIOR, PatternStats
from nerture.sessions.patterns.pattern_verdicts import PatternVerdicts
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.sessions.pool.prior_targets import told_of
from nerture.sessions.pool.text import Text
from nerture.sessions.query_strategies.acquisition import look
from nerture.sessions.query_strategies.active import ActiveStrategy
from nerture.sessions.query_strategies.base import QueryStrategy, QuestionFactory
from nerture.sessions.query_strategies.retype import RetypeStrategy
from nerture.sessions.query_strategies.review import ReviewStrategy
from nerture.sessions.query_strategies.sequential import (
    CorrectStrategy,
    GoldStrategy,
    ManualStrategy,
    MatchStrategy,
    SequentialStrategy,
)

GOING_THROUGH: Mapping[str, type[SequentialStrategy]] = MappingProxyType(
    {
        "manual": ManualStrategy,
        "match": MatchStrategy,
        "correct": CorrectStrategy,
        "gold": GoldStrategy,
        "review": ReviewStrategy,
    }
)
"""The modes that go through the texts in an order that answers do not change."""
VERDICTS = ("accept", "reject", "ignore")
LEARNING = frozenset({"teach", "correct", "gold"})
"""The modes in which the model learns while the annotator goes on."""


class SessionState:
    """Everything that a session knows, as a function of its plan, its texts and its log.

    Feed it the events in order (``apply``); nothing else changes it. The same plan, texts, log and model give
    the same question. ``sorter`` decides in which order ``teach`` asks; without one, in that of the source.
    ``told`` is what was known of texts before: earlier answers and annotations, oldest first.
    It is not safe to be used from several threads at once, with two exceptions: ``look``, which takes long,
    reads only what ``apply`` leaves alone, and so does ``findings`` with the ``changes`` that it is told.
    """

    def __init__(
        self, plan: SessionPlan, pool: Pool, sorter: Sorter | None = None, told: Iterable[Target] = ()
    ) -> None:
        self.plan, self.pool = plan, pool
        self.answer_index = AnswerIndex()
        self.records = PatternStats()
        self._told = tuple(told)
        self.known = TextTargets(self.answer_index, plan.labels, told_of(pool, self._told))
        self.probes = Probes(plan, pool)
        self.judgements = PatternVerdicts()
        self.findings = LiveStatistics(pool, plan.subtypes or plan.labels)
        self._changed = dict.fromkeys(self.known.told)
        self._missed = UnseenEntityRate(self.answer_index)
        self._drawn: tuple[int, tuple[tuple[int, float], ...], float | None] = 0, (), None
        self._sorter = sorter or _in_place
        self._asker = self._make_asker()

    def fresh(self) -> SessionState:
        """Return the state as it was before anything happened, of the same plan and texts."""
        return SessionState(self.plan, self.pool, self._sorter, self._told)

    @property
    def events(self) -> int:
        """How many events have been folded in."""
        return self.answer_index.events

    def apply(self, event: Event) -> None:
        """Fold one event of the log in.

        Raises ``DataError`` for an answer to a question that was never asked, and for the undoing of an
        answer that does not stand.
        """
        before = len(self.answer_index.answers)
        answer = self.answer_index.apply(event)
        if answer is not None:
            came = len(self.answer_index.answers) > before
            question = self.answer_index.questions[answer.question]
            self.records.change(question, answer, came)
            self.known.changed(question.text)
            self._asker.changed(question, answer, came)
            self._changed[question.text] = None
        elif isinstance(event, PatternJudged):
            self.judgements.add(event.pattern, event.judgement)

    def due(self, at_end: bool = False) -> bool:
        """Say whether enough has happened since the model learned for it to learn again.

        A session without a model learns at once what patterns and earlier annotations tell. ``at_end``:
        nothing more will come, so that any answer is enough.
        """
        if self.plan.mode not in LEARNING:
            return False
        if at_end:
            return self.answer_index.fresh() > 0
        if self.plan.blank and self.answer_index.version == 0 and (self.pool.matchers or self.known.told):
            return True
        return self.answer_index.fresh() >= self.plan.update_every

    def refits(self, at_end: bool = False) -> bool:
        """Say whether the model is to be made afresh, beside the versions that go on from one another.

        ``at_end``: nothing more will come, so that it is if it went on from an earlier one.
        """
        return self.plan.mode in LEARNING and is_refit_due(self.answer_index, at_end)

    def learnable(self) -> list[Target]:
        """Return what the answers that stand say of each text, merged: the newest counts.

        The texts that are set aside for judging the model are left out.
        """
        return self._learnable(self._said())

    def snapshot(self) -> TrainingSnapshot:
        """Return what the next version is to learn from and to ask by, as things stand now."""
        said = list(self._said())
        return TrainingSnapshot(
            targets=tuple(self._learnable(said)),
            reliabilities=self.records.reliabilities(),
            prior=PRIOR,
            calibration=calibrated(judged_offers(self.answer_index)),
            pace=measured(*paces(self.answer_index)),
            missed=self._missed.rate(),
            from_scratch=self.answer_index.knows_undone_answer(),
            events=self.events,
            answers=len(self.answer_index.answers),
            learned=self.answer_index.learned_from(),
            aside=tuple(target for text, target in said if self.probes.reserved(text)),
            reading=reading(self.answer_index),
        )

    def look(self, learner: Learner | None, version: int, snapshot: TrainingSnapshot) -> PoolPredictions:
        """Ask a version of the model about the texts: what ``propose`` goes by until the next version.

        ``snapshot`` is what the version learned from; the result is a function of these three, the plan and
        texts. It may run while events are applied.
        """
        pool_predictions = look(
            self.plan, self.pool, self._sorter, snapshot,
            learner=learner, version=version, aside=self.probes.numbers,
        )  # fmt: skip
        pool_predictions = replace(pool_predictions, f1=expected_f1(self.probes, pool_predictions, snapshot))
        self.probes.prepare(pool_predictions)
        if learner is not None:  # from now on it is asked about one text or another
            learner.forget()
        return pool_predictions

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None = None
    ) -> Question | None:
        """Return what to ask this annotator next; None when nothing is left.

        ``now`` is in seconds since 1970; leases run out. Without ``pool_predictions`` there is no model yet.
        A question that the annotator already has is not proposed again.
        """
        return self._asker.propose(annotator, now, pool_predictions)

    def check(self, answer: Answer) -> Answer:
        """Return the answer with its spans in order.

        Raises ``DataError`` for a question that was never asked, and for spans that are not whole tokens,
        that overlap, or whose label may not be given.
        """
        question = self.answer_index.questions.get(answer.question)
        if question is None:
            raise DataError(f"answer {answer.id}: question {answer.question} was never asked")
        if answer.verdict not in VERDICTS:
            raise DataError(f"verdict: expected {', '.join(VERDICTS)}, got {answer.verdict!r}")
        spans = answer.spans
        if spans is not None:
            check_spans(question, spans, question.labels)
            spans = tuple(sorted((start, end, label) for start, end, label in spans))
        return replace(answer, question=question.id, spans=spans)  # an equal id, but one that is kept anyway

    def standing(
        self, annotator: str | None = None, pool_predictions: PoolPredictions | None = None
    ) -> SessionProgress:
        """Return the counts, of one annotator or of all, and the estimates of the current version."""
        own = [
            (question, answer)
            for question, answer in self.answer_index.standing()
            if annotator is None or answer.annotator == annotator
        ]
        verdicts = [answer.verdict for _, answer in own]
        curve, gain = self._progress()
        complete = {
            question.text
            for question, answer in own
            if question.kind == "text" and answer.verdict == "accept"
        }
        return SessionProgress(
            answers=len(own),
            accepted=verdicts.count("accept"),
            rejected=verdicts.count("reject"),
            ignored=verdicts.count("ignore"),
            complete_texts=len(complete),
            remaining=self._asker.remaining(),
            seconds=sum(answer.seconds or 0.0 for _, answer in own),
            versions=self.answer_index.version,
            learned_from=self.answer_index.learned_from(),
            precision=self.probes.precision(pool_predictions, self.known.of)
            if pool_predictions is not None
            else None,
            curve=curve,
            next_gain=gain,
        )

    def changes(self, most: int) -> list[TextChange]:
        """Return texts that were answered about since they were last returned, ``most`` of them at most.

        Nothing is learned from the texts that are set aside for judging the model, no patterns either.
        """
        found = []
        for name in list(itertools.islice(self._changed, most)):
            del self._changed[name]
            text = self.pool.find(name)
            target = None if text is None or self.probes.reserved(text) else self.known.of(text)
            found.append(TextChange(name, text, target, tuple(self.answer_index.text_answers(name))))
        return found

    def _learnable(self, said: Iterable[tuple[Text, Target]]) -> list[Target]:
        if isinstance(self._asker, RetypeStrategy):
            return self._asker.retyped()
        return [target for text, target in said if not self.probes.reserved(text)]

    def _said(self) -> Iterator[tuple[Text, Target]]:
        """Yield every text of which something is known, and what that is."""
        for name in dict.fromkeys((*self.known.told, *self.answer_index.answered_texts())):
            text = self.pool.find(name)
            target = None if text is None else self.known.of(text)
            if text is not None and target is not None:
                yield text, target

    def _progress(self) -> tuple[tuple[tuple[int, float], ...], float | None]:
        """Return the learning curve and what more answers are worth: told often, new with a version only."""
        version, curve, gain = self._drawn
        if version != self.answer_index.version:
            curve = tuple(thinned(self.answer_index.curve))
            gain = next_gain(curve)
            self._drawn = self.answer_index.version, curve, gain
        return curve, gain

    def _make_asker(self) -> QueryStrategy:
        desk = QuestionFactory(self.plan, self.pool, self.answer_index)
        if self.plan.mode == "teach":
            nothing = TrainingSnapshot((), {}, PRIOR)
            return ActiveStrategy(
                desk, self.records, self.known, self.probes, lambda: self.look(None, 0, nothing)
            )
        if self.plan.mode == "retype":
            return RetypeStrategy(desk, self.known)
        return GOING_THROUGH[self.plan.mode](desk, self.records, self.known)


def _in_place(candidates: Sequence[Candidate], seed: int) -> list[int]:
    """Keep the order of the source."""
    return list(range(len(candidates)))
