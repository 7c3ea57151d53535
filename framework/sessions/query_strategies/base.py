"""``QueryStrategy``: the interface of a mode's strategy, and ``QuestionFactory``, which all of them use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from nerture.core.learner.constrained_prediction import predict_given
from nerture.core.targets.target import Target
from nerture.sessions.answers.question import Answer, Kind, Question, Reason, SuggestedSpan
from nerture.sessions.log.answer_index import AnswerIndex
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate
from nerture.sessions.pool.text import Text


class QueryStrategy(Protocol):
    """The strategy of a mode: selects the next question, from its arguments and the log alone."""

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next question; None if nothing is left to ask."""

    def count_remaining(self) -> int | None:
        """Return how many questions are left; None if unknown."""

    def update(self, question: Question, answer: Answer, is_new: bool) -> None:
        """Update for a new answer (``is_new``), or an undone one."""


class QuestionFactory:
    """Makes questions from the plan, the texts and the log."""

    def __init__(self, plan: SessionPlan, pool: Pool, answer_index: AnswerIndex) -> None:
        self.plan, self.pool, self.answer_index = plan, pool, answer_index
        self._bounds: dict[tuple[int, int], tuple[int, int]] = {}  # interned

    def make_question(
        self,
        text: Text,
        kind: Kind,
        spans: Iterable[SuggestedSpan],
        reason: Reason,
        *,
        probability: float | None = None,
        sampling: float | None = None,
        record: tuple[int, int] | None = None,
        version: int = 0,
    ) -> Question:
        """Make a question about a text of the pool."""
        fields = text.record.fields
        meta = fields.get("meta")
        same = self._bounds.setdefault
        return Question(
            text.text,
            tuple(same(bounds, bounds) for bounds in map(tuple, text.doc.offsets.tolist())),
            kind,
            tuple(spans),
            self.plan.labels,
            self.plan.mode,
            reason,
            probability,
            sampling,
            record,
            version,
            meta if isinstance(meta, dict) else {},
            fields,
        )

    def suggest_span(
        self, text: Text, start: int, end: int, label: str,
        *, probability: float | None = None, pattern: str | None = None, score: float | None = None,
    ) -> SuggestedSpan:  # fmt: skip
        """Make a span of a question from tokens ``[start, end)``."""
        offsets = text.doc.offsets
        first, last = int(offsets[start, 0]), int(offsets[end - 1, 1])
        return SuggestedSpan(first, last, label, probability, pattern, score)

    def suggest_candidate(
        self, text: Text, candidate: SpanCandidate, pool_predictions: PoolPredictions
    ) -> SuggestedSpan:
        """Make a span of a question from a span candidate."""
        has_model = pool_predictions.learner is not None
        return self.suggest_span(
            text, candidate.start, candidate.end, candidate.label,
            probability=candidate.probability if has_model else None, pattern=candidate.pattern,
            score=candidate.score if has_model else None,
        )  # fmt: skip

    def is_open_to(self, question: Question, annotator: str, now: float) -> bool:
        """Return whether a question may be asked of an annotator.

        Not if it is leased to or answered by this annotator, or by enough other annotators.
        """
        answered = {answer.annotator for answer in self.answer_index.question_answers(question.id)}
        holders = set(self.answer_index.find_holders(question.id, now))
        return (
            annotator not in answered | holders
            and len(answered | holders) < self.plan.annotators_per_question
        )

    def is_text_open_to(self, text: Text, annotator: str, now: float) -> bool:
        """Return whether a question about a text may be asked of an annotator, whatever was asked before."""
        answered = {answer.annotator for _, answer in self.answer_index.text_answers(text.text)}
        holders = set(self.answer_index.find_text_holders(text.text, now))
        return (
            annotator not in answered | holders
            and len(answered | holders) < self.plan.annotators_per_question
        )

    def analyse(
        self, text: Text, pool_predictions: PoolPredictions | None, target: Target | None
    ) -> Iterator[SuggestedSpan]:
        """Yield the best analysis of a text by model and patterns that agrees with ``target``."""
        if pool_predictions is None and target is not None:
            for span in target.spans:
                yield self.suggest_span(text, span.start, span.end, span.label)
            return
        if pool_predictions is None:
            for hit in text.disjoint_hits:
                if hit.label in self.plan.labels:
                    yield self.suggest_span(text, hit.start, hit.end, hit.label, pattern=hit.pattern)
            return
        candidates = pool_predictions.candidates.get(text.number, ())
        patterns = {hit.key: hit.pattern for hit in text.hits}
        if pool_predictions.learner is not None and (
            target is not None or text.number not in pool_predictions.candidates
        ):
            constraint = target or Target(text.doc, complete=frozenset())
            for span in predict_given(pool_predictions.learner, constraint):
                if span.label in self.plan.labels:
                    pattern = patterns.get(span.key)
                    yield self.suggest_span(text, *span.key, probability=span.score, pattern=pattern)
            return
        taken: list[SpanCandidate] = []
        for candidate in sorted(candidates, key=lambda item: -item.probability):
            is_free = not any(candidate.overlaps(other) for other in taken)
            if candidate.probability >= 0.5 and is_free:
                taken.append(candidate)
        for candidate in sorted(taken, key=lambda item: item.start):
            yield self.suggest_candidate(text, candidate, pool_predictions)
