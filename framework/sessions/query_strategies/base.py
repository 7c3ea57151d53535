"""``QueryStrategy``: the protocol of a mode, and what all of them need."""

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
    """A mode of a session: it says what to ask next, and looks at nothing but what it is given."""

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next question; None when nothing is left to ask."""

    def remaining(self) -> int | None:
        """Return how many questions are left; None: nobody knows."""

    def changed(self, question: Question, answer: Answer, came: bool) -> None:
        """Take note of an answer that came, or that was taken back."""


class QuestionFactory:
    """What an asker works with: the plan, the texts, and the log as it stands."""

    def __init__(self, plan: SessionPlan, pool: Pool, answer_index: AnswerIndex) -> None:
        self.plan, self.pool, self.answer_index = plan, pool, answer_index
        self._bounds: dict[tuple[int, int], tuple[int, int]] = {}  # equal ones are kept once

    def question(
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

    def offered(
        self, text: Text, start: int, end: int, label: str,
        *, probability: float | None = None, pattern: str | None = None, score: float | None = None,
    ) -> SuggestedSpan:  # fmt: skip
        """Make a span of a question from tokens ``[start, end)``."""
        offsets = text.doc.offsets
        first, last = int(offsets[start, 0]), int(offsets[end - 1, 1])
        return SuggestedSpan(first, last, label, probability, pattern, score)

    def candidate(
        self, text: Text, chance: SpanCandidate, pool_predictions: PoolPredictions
    ) -> SuggestedSpan:
        """Make a span of a question from one of an outlook."""
        asked = pool_predictions.learner is not None
        return self.offered(
            text, chance.start, chance.end, chance.label,
            probability=chance.probability if asked else None, pattern=chance.pattern,
            score=chance.score if asked else None,
        )  # fmt: skip

    def open_to(self, question: Question, annotator: str, now: float) -> bool:
        """Say whether a question may go to an annotator.

        Not if it is out to him, if he has answered it, or if enough others have, or have it before them.
        """
        answered = {answer.annotator for answer in self.answer_index.question_answers(question.id)}
        out = set(self.answer_index.out(question.id, now))
        return annotator not in answered | out and len(answered | out) < self.plan.annotators_per_question

    def text_open_to(self, text: Text, annotator: str, now: float) -> bool:
        """Say whether a question about a text may go to an annotator, whatever was asked there before."""
        answered = {answer.annotator for _, answer in self.answer_index.text_answers(text.text)}
        out = set(self.answer_index.out_about(text.text, now))
        return annotator not in answered | out and len(answered | out) < self.plan.annotators_per_question

    def analysis(
        self, text: Text, pool_predictions: PoolPredictions | None, said: Target | None
    ) -> Iterator[SuggestedSpan]:
        """Yield the best analysis of a text under what is known of it, as far as model and patterns tell."""
        if pool_predictions is None and said is not None:
            for span in said.spans:
                yield self.offered(text, span.start, span.end, span.label)
            return
        if pool_predictions is None:
            for hit in text.disjoint_hits:
                if hit.label in self.plan.labels:
                    yield self.offered(text, hit.start, hit.end, hit.label, pattern=hit.pattern)
            return
        chances = pool_predictions.chances.get(text.number, ())
        patterns = {(hit.start, hit.end, hit.label): hit.pattern for hit in text.hits}
        if pool_predictions.learner is not None and (
            said is not None or text.number not in pool_predictions.chances
        ):
            given = said or Target(text.doc, complete=frozenset())
            for span in predict_given(pool_predictions.learner, given):
                key = span.start, span.end, span.label
                if span.label in self.plan.labels:
                    yield self.offered(text, *key, probability=span.score, pattern=patterns.get(key))
            return
        taken: list[SpanCandidate] = []
        for chance in sorted(chances, key=lambda one: -one.probability):
            apart = all(chance.end <= other.start or other.end <= chance.start for other in taken)
            if chance.probability >= 0.5 and apart:
                taken.append(chance)
        for chance in sorted(taken, key=lambda one: one.start):
            yield self.candidate(text, chance, pool_predictions)
