"""``SessionState``: a session as a pure state machine, without I/O, clock or threads."""

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
from nerture.sessions.estimates.answer_speed import measure_speed
from nerture.sessions.estimates.answer_statistics import (
    UnseenEntityRate,
    collect_outcomes,
    collect_time_ratios,
)
from nerture.sessions.estimates.expected_f1 import estimate_f1
from nerture.sessions.estimates.learning_curve import estimate_next_gain, thin_points
from nerture.sessions.estimates.online_calibration import fit_calibration
from nerture.sessions.estimates.prequential import count_prequential
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
from nerture.sessions.pool.prior_targets import align_prior_targets
from nerture.sessions.pool.text import Text
from nerture.sessions.query_strategies.acquisition import predict_pool
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

SEQUENTIAL_STRATEGIES: Mapping[str, type[SequentialStrategy]] = MappingProxyType(
    {
        "manual": ManualStrategy,
        "match": MatchStrategy,
        "correct": CorrectStrategy,
        "gold": GoldStrategy,
        "review": ReviewStrategy,
    }
)
"""The modes that go through the texts in a fixed order."""
VERDICTS = ("accept", "reject", "ignore")
LEARNING_MODES = frozenset({"teach", "correct", "gold"})
"""The modes in which the model is trained during the session."""


class SessionState:
    """The state of a session, as a function of its plan, texts and log.

    Pass it the events in order (``apply``); nothing else changes it. The same plan, texts, log and model give
    the same question. ``sorter`` is the query strategy of ``teach``; without one, texts are asked about in
    the order of the source. ``prior_targets`` is what was known about texts before: earlier answers and
    annotations, oldest first.

    It is not thread-safe, with two exceptions, which take long and read only what ``apply`` does not change:
    ``predict_pool``, and updating ``statistics`` with the result of ``take_changes``.
    """

    def __init__(
        self,
        plan: SessionPlan,
        pool: Pool,
        sorter: Sorter | None = None,
        prior_targets: Iterable[Target] = (),
    ) -> None:
        self.plan, self.pool = plan, pool
        self.answer_index = AnswerIndex()
        self.pattern_stats = PatternStats()
        self._prior_targets = tuple(prior_targets)
        self.text_targets = TextTargets(
            self.answer_index, plan.labels, align_prior_targets(pool, self._prior_targets)
        )
        self.probes = Probes(plan, pool)
        self.verdicts = PatternVerdicts()
        self.statistics = LiveStatistics(pool, plan.subtypes or plan.labels)
        self._changed = dict.fromkeys(self.text_targets.prior_targets)
        self._unseen_rate = UnseenEntityRate(self.answer_index)
        self._curve: tuple[int, tuple[tuple[int, float], ...], float | None] = 0, (), None
        self._sorter = sorter or _keep_order
        self._strategy = self._make_strategy()

    def make_initial(self) -> SessionState:
        """Return a new state of the same plan and texts, without events."""
        return SessionState(self.plan, self.pool, self._sorter, self._prior_targets)

    @property
    def events(self) -> int:
        """How many events have been applied."""
        return self.answer_index.events

    def apply(self, event: Event) -> None:
        """Apply one event of the log.

        Raises ``DataError`` for an answer to a question that was never asked, and for undoing an answer that
        does not exist or was undone already.
        """
        before = len(self.answer_index.answers)
        answer = self.answer_index.apply(event)
        if answer is not None:
            is_new = len(self.answer_index.answers) > before
            question = self.answer_index.questions[answer.question]
            self.pattern_stats.change(question, answer, is_new)
            self.text_targets.invalidate(question.text)
            self._strategy.update(question, answer, is_new)
            self._changed[question.text] = None
        elif isinstance(event, PatternJudged):
            self.verdicts.add(event.pattern, event.verdict)

    def is_update_due(self, at_end: bool = False) -> bool:
        """Return whether there are enough changes since the last version to train the next one.

        A session without a model trains at once on patterns and earlier annotations. ``at_end`` is whether
        the session is ending, when any new answer is enough.
        """
        if self.plan.mode not in LEARNING_MODES:
            return False
        if at_end:
            return self.answer_index.count_changes() > 0
        if (
            self.plan.blank
            and self.answer_index.version == 0
            and (self.pool.matchers or self.text_targets.prior_targets)
        ):
            return True
        return self.answer_index.count_changes() >= self.plan.update_every

    def is_refit_due(self, at_end: bool = False) -> bool:
        """Return whether the model should be retrained from scratch, in parallel with incremental versions.

        ``at_end`` is whether the session is ending, when it should be unless the last version is a refit.
        """
        return self.plan.mode in LEARNING_MODES and is_refit_due(self.answer_index, at_end)

    def training_targets(self) -> list[Target]:
        """Return what the current answers say about each text, merged; newer answers take precedence.

        Held-out texts are left out.
        """
        return self._training_targets(self._known_targets())

    def snapshot(self) -> TrainingSnapshot:
        """Return the current training data and estimates for the next version."""
        known = list(self._known_targets())
        return TrainingSnapshot(
            targets=tuple(self._training_targets(known)),
            reliabilities=self.pattern_stats.reliabilities(),
            prior=PRIOR,
            calibration=fit_calibration(collect_outcomes(self.answer_index)),
            answer_speed=measure_speed(*collect_time_ratios(self.answer_index)),
            unseen_rate=self._unseen_rate.rate(),
            from_scratch=self.answer_index.has_learned_undone_answer(),
            events=self.events,
            answers=len(self.answer_index.answers),
            learned=self.answer_index.learned_from(),
            held_out=tuple(target for text, target in known if self.probes.is_held_out(text)),
            counts=count_prequential(self.answer_index),
        )

    def predict_pool(
        self, learner: Learner | None, version: int, snapshot: TrainingSnapshot
    ) -> PoolPredictions:
        """Predict the pool with a version of the model; ``propose`` uses the result until the next version.

        ``snapshot`` is what the version was trained on. The result is a function of the arguments, the plan
        and the texts. This may run in parallel with ``apply``.
        """
        pool_predictions = predict_pool(
            self.plan, self.pool, self._sorter, snapshot,
            learner=learner, version=version, held_out=self.probes.held_out,
        )  # fmt: skip
        pool_predictions = replace(pool_predictions, f1=estimate_f1(self.probes, pool_predictions, snapshot))
        self.probes.prepare(pool_predictions)
        if learner is not None:  # from now on it predicts single texts
            learner.clear_cache()
        return pool_predictions

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None = None
    ) -> Question | None:
        """Return the next question for this annotator; None if none is left.

        ``now`` is in seconds since 1970, to see which leases have expired. ``pool_predictions`` is None if
        there is no model yet. A question that the annotator already has is not proposed again.
        """
        return self._strategy.propose(annotator, now, pool_predictions)

    def check(self, answer: Answer) -> Answer:
        """Return the answer with its spans in order.

        Raises ``DataError`` for a question that was never asked, an unknown verdict, and spans that are not
        whole tokens, overlap, or have a label that is not allowed.
        """
        question = self.answer_index.questions.get(answer.question)
        if question is None:
            raise DataError(f"answer {answer.id}: question {answer.question} was never asked")
        if answer.verdict not in VERDICTS:
            raise DataError(f"verdict: expected one of {', '.join(VERDICTS)}, got {answer.verdict!r}")
        spans = answer.spans
        if spans is not None:
            check_spans(question, spans, question.labels)
            spans = tuple(sorted((start, end, label) for start, end, label in spans))
        return replace(
            answer, question=question.id, spans=spans
        )  # an equal id string, but one that is in memory anyway

    def progress(
        self, annotator: str | None = None, pool_predictions: PoolPredictions | None = None
    ) -> SessionProgress:
        """Return the counts of one annotator or of all, and the estimates for the current version."""
        own = [
            (question, answer)
            for question, answer in self.answer_index.current_answers()
            if annotator is None or answer.annotator == annotator
        ]
        verdicts = [answer.verdict for _, answer in own]
        curve, gain = self._fit_curve()
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
            remaining=self._strategy.count_remaining(),
            seconds=sum(answer.seconds or 0.0 for _, answer in own),
            versions=self.answer_index.version,
            learned_from=self.answer_index.learned_from(),
            precision=(
                None
                if pool_predictions is None
                else self.probes.precision(pool_predictions, self.text_targets.find)
            ),
            curve=curve,
            next_gain=gain,
        )

    def take_changes(self, count: int) -> list[TextChange]:
        """Return up to ``count`` texts whose answers changed since they were last returned.

        Held-out texts have no target, so that no patterns are learned from them.
        """
        changes = []
        for name in list(itertools.islice(self._changed, count)):
            del self._changed[name]
            text = self.pool.find(name)
            target = None if text is None or self.probes.is_held_out(text) else self.text_targets.find(text)
            changes.append(TextChange(name, text, target, tuple(self.answer_index.text_answers(name))))
        return changes

    def _training_targets(self, known: Iterable[tuple[Text, Target]]) -> list[Target]:
        if isinstance(self._strategy, RetypeStrategy):
            return self._strategy.make_targets()
        return [target for text, target in known if not self.probes.is_held_out(text)]

    def _known_targets(self) -> Iterator[tuple[Text, Target]]:
        """Yield every text about which something is known, with its target."""
        for name in dict.fromkeys((*self.text_targets.prior_targets, *self.answer_index.answered_texts())):
            text = self.pool.find(name)
            target = None if text is None else self.text_targets.find(text)
            if text is not None and target is not None:
                yield text, target

    def _fit_curve(self) -> tuple[tuple[tuple[int, float], ...], float | None]:
        """Return the learning curve and the gain from more answers, computed once per version."""
        version, curve, gain = self._curve
        if version != self.answer_index.version:
            curve = tuple(thin_points(self.answer_index.curve))
            gain = estimate_next_gain(curve)
            self._curve = self.answer_index.version, curve, gain
        return curve, gain

    def _make_strategy(self) -> QueryStrategy:
        question_factory = QuestionFactory(self.plan, self.pool, self.answer_index)
        if self.plan.mode == "teach":
            empty = TrainingSnapshot((), {}, PRIOR)
            return ActiveStrategy(
                question_factory,
                self.pattern_stats,
                self.text_targets,
                self.probes,
                lambda: self.predict_pool(None, 0, empty),
            )
        if self.plan.mode == "retype":
            return RetypeStrategy(question_factory, self.text_targets)
        return SEQUENTIAL_STRATEGIES[self.plan.mode](question_factory, self.pattern_stats, self.text_targets)


def _keep_order(candidates: Sequence[Candidate], seed: int) -> list[int]:
    """Keep the order of the source."""
    return list(range(len(candidates)))
