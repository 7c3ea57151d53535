"""The mode ``teach``: asks what the model learns most from, per second of the annotator's time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

import numpy as np

from nerture.sessions.answers.question import Answer, Question, Reason
from nerture.sessions.estimates.probes import Probe, Probes
from nerture.sessions.log.text_targets import TextTargets
from nerture.sessions.patterns.pattern_stats import PatternStats
from nerture.sessions.pool.pool_predictions import PoolPredictions, QuestionRef, SpanCandidate
from nerture.sessions.pool.text import Text
from nerture.sessions.query_strategies.base import QuestionFactory

PROBED_FROM = 50
"""Answers before the first probe; earlier predictions are soon replaced by those of other versions."""
UNSURE = (0.05, 0.95)
"""Range of probabilities in which a pattern hit may be asked about in the pattern share."""


class ActiveStrategy:
    """Asks the ranked questions of the pool predictions; some questions are pattern hits or probes instead.

    ``predict_without_model`` makes the pool predictions that are used before there is a model.
    """

    def __init__(
        self,
        question_factory: QuestionFactory,
        pattern_stats: PatternStats,
        text_targets: TextTargets,
        probes: Probes,
        predict_without_model: Callable[[], PoolPredictions],
    ) -> None:
        self.question_factory, self.pattern_stats, self.text_targets, self.probes = (
            question_factory,
            pattern_stats,
            text_targets,
            probes,
        )
        self._predict_without_model = predict_without_model
        self._before: PoolPredictions | None = None
        self._incomplete: set[str] = set()

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next question, first those that need answers of more annotators."""
        for name in self.question_factory.answer_index.sort_by_asking(self._incomplete):
            incomplete = self.question_factory.answer_index.questions[name]
            if self.question_factory.is_open_to(incomplete, annotator, now):
                return incomplete
        if pool_predictions is None and self._before is None:
            self._before = self._predict_without_model()
        predictions = pool_predictions or self._before
        assert predictions is not None
        plan = self.question_factory.plan
        draw = np.random.default_rng([plan.seed, self.question_factory.answer_index.asked_count]).random()
        if draw < plan.probe_share and len(self.question_factory.answer_index.answers) >= PROBED_FROM:
            probe = self._ask_probe(predictions, now)
            if probe is not None:
                return probe
        refs: Iterable[QuestionRef] = predictions.order
        if plan.probe_share <= draw < plan.probe_share + plan.pattern_share:
            unsure_hits = (ref for ref in predictions.order if _is_unsure_hit(ref, predictions))
            refs = chain(unsure_hits, predictions.order)
        for ref in refs:
            question = self._make_question(ref, predictions, now)
            if question is not None:
                return question
        return self._ask_rest(predictions, now)

    def count_remaining(self) -> int | None:
        """Return None: there is no fixed number of questions."""
        return None

    def update(self, question: Question, answer: Answer, is_new: bool) -> None:
        """Update the questions that need answers of more annotators."""
        count = len(self.question_factory.answer_index.question_answers(question.id))
        if 0 < count < self.question_factory.plan.annotators_per_question:
            self._incomplete.add(question.id)
        else:
            self._incomplete.discard(question.id)

    def _make_question(
        self, ref: QuestionRef, pool_predictions: PoolPredictions, now: float
    ) -> Question | None:
        """Return the question, or None if it may not be asked any more."""
        text = self.question_factory.pool[ref.text]
        if not self._is_free(text, ref.candidate, now):
            return None
        if ref.candidate is not None:
            return self._ask_span(text, ref.candidate, pool_predictions)
        return self._ask_text(text, pool_predictions)

    def _ask_rest(self, pool_predictions: PoolPredictions, now: float) -> Question | None:
        """Ask about texts that this version did not predict."""
        if self.question_factory.plan.ask != "span":
            for text in self.question_factory.pool.texts:
                if not self.probes.is_held_out(text) and self._is_free(text, None, now):
                    return self._ask_text(text, pool_predictions)
        return None

    def _is_free(self, text: Text, candidate: SpanCandidate | None, now: float) -> bool:
        """Return whether the question is unsettled, and no annotator has a lease on the text."""
        if self.question_factory.answer_index.find_text_holders(text.text, now):
            return False
        if self.text_targets.is_finished(text.text):
            return False
        if candidate is None:
            return True
        return not self.text_targets.is_settled(text, candidate.start, candidate.end, candidate.label)

    def _ask_span(
        self, text: Text, candidate: SpanCandidate, pool_predictions: PoolPredictions,
        reason: Reason | None = None,
        sampling: float | None = None,
    ) -> Question:  # fmt: skip
        span = self.question_factory.suggest_candidate(text, candidate, pool_predictions)
        return self.question_factory.make_question(
            text, "span", [span], reason or ("pattern" if candidate.pattern else "model"),
            probability=span.probability, sampling=sampling,
            record=self.pattern_stats.counts(candidate.pattern) if candidate.pattern else None,
            version=pool_predictions.version,
        )  # fmt: skip

    def _ask_text(
        self,
        text: Text,
        pool_predictions: PoolPredictions,
        reason: Reason | None = None,
        sampling: float | None = None,
    ) -> Question:
        """Ask about a whole text, with the best analysis under the answers so far."""
        target = self.text_targets.find(text)
        spans = list(self.question_factory.analyse(text, pool_predictions, target))
        if reason is None:
            from_pattern = any(span.pattern is not None for span in spans)
            accepted = target is not None and bool(target.spans)
            reason = "follow-up" if accepted else "pattern" if from_pattern else "model"
        return self.question_factory.make_question(
            text, "text", spans, reason, sampling=sampling, version=pool_predictions.version
        )

    def _ask_probe(self, pool_predictions: PoolPredictions, now: float) -> Question | None:
        for probe in self.probes.find_unanswered(pool_predictions, self.text_targets.find):
            text = self.question_factory.pool[probe.text]
            if self._is_free(text, probe.candidate, now):
                return self._make_probe_question(text, probe, pool_predictions)
        return None

    def _make_probe_question(self, text: Text, probe: Probe, pool_predictions: PoolPredictions) -> Question:
        if self.question_factory.plan.ask == "text":
            return self._ask_text(text, pool_predictions, "probe", probe.sampling)
        return self._ask_span(text, probe.candidate, pool_predictions, "probe", probe.sampling)


def _is_unsure_hit(ref: QuestionRef, pool_predictions: PoolPredictions) -> bool:
    """Return whether a question is about an uncertain pattern hit."""
    candidates = (ref.candidate,) if ref.candidate is not None else pool_predictions.candidates[ref.text]
    return any(
        candidate.pattern and UNSURE[0] < candidate.probability < UNSURE[1] for candidate in candidates
    )
