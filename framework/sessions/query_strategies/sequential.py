"""The strategies that go through the texts in the order of the source."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.log.text_targets import TextTargets
from nerture.sessions.patterns.pattern_stats import PatternStats
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.sessions.pool.text import Text
from nerture.sessions.query_strategies.base import QuestionFactory


class SequentialStrategy(ABC):
    """Asks the questions about each text, text after text, skipping those with enough answers."""

    def __init__(
        self, question_factory: QuestionFactory, pattern_stats: PatternStats, text_targets: TextTargets
    ) -> None:
        self.question_factory, self.pattern_stats, self.text_targets = (
            question_factory,
            pattern_stats,
            text_targets,
        )
        self._done = 0  # all questions about the texts before it have enough answers
        self._count: int | None = None

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the first question of the first text that has one for this annotator."""
        first = True
        for number in range(self._done, len(self.question_factory.pool)):
            text = self.question_factory.pool[number]
            answered = True
            for question in self.questions(text, pool_predictions):
                if self.question_factory.is_open_to(question, annotator, now):
                    return question
                answered = answered and self._has_enough_answers(question)
            if first and answered:
                self._done = number + 1
            first = first and answered
        return None

    @abstractmethod
    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield the questions about a text."""

    def count_remaining(self) -> int | None:
        """Return how many questions have too few answers."""
        if self._count is None:
            texts = self.question_factory.pool.texts
            self._count = sum(1 for text in texts for _ in self.questions(text, None))
        answer_index = self.question_factory.answer_index
        done = {answer.question for answer in answer_index.answers.values()}
        return self._count - sum(self._has_enough_answers(answer_index.questions[name]) for name in done)

    def update(self, question: Question, answer: Answer, is_new: bool) -> None:
        """Start again from the first text if an answer was undone."""
        if not is_new:
            self._done = 0

    def _has_enough_answers(self, question: Question) -> bool:
        return (
            len(self.question_factory.answer_index.question_answers(question.id))
            >= self.question_factory.plan.annotators_per_question
        )


class ManualStrategy(SequentialStrategy):
    """Mode ``manual``: every text, with the pattern hits."""

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield the text."""
        labels = self.question_factory.plan.labels
        hits = [hit for hit in text.disjoint_hits if hit.label in labels]
        spans = [
            self.question_factory.suggest_span(text, hit.start, hit.end, hit.label, pattern=hit.pattern)
            for hit in hits
        ]
        yield self.question_factory.make_question(text, "text", spans, "source")


class CorrectStrategy(SequentialStrategy):
    """Mode ``correct``: every text, with the model's predictions."""

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the first text with too few answers, whatever spans were suggested."""
        texts = self.texts()
        while self._done < len(texts) and self._is_answered(texts[self._done]):
            self._done += 1
        for number in range(self._done, len(texts)):
            if self.question_factory.is_text_open_to(texts[number], annotator, now):
                return next(self.questions(texts[number], pool_predictions))
        return None

    def texts(self) -> Sequence[Text]:
        """Return the texts to go through, in order."""
        return self.question_factory.pool.texts

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield the text with the best analysis under its prior targets; answers of others are not shown."""
        spans = self.question_factory.analyse(text, pool_predictions, self.text_targets.find_prior(text))
        version = pool_predictions.version if pool_predictions is not None else 0
        yield self.question_factory.make_question(text, "text", spans, "source", version=version)

    def count_remaining(self) -> int | None:
        """Return how many texts have too few answers."""
        return sum(not self._is_answered(text) for text in self.texts())

    def _is_answered(self, text: Text) -> bool:
        return (
            len(self.question_factory.answer_index.text_answers(text.text))
            >= self.question_factory.plan.annotators_per_question
        )


class GoldStrategy(CorrectStrategy):
    """Mode ``gold``: every text with prior targets, with the best analysis that agrees with them."""

    def __init__(
        self, question_factory: QuestionFactory, pattern_stats: PatternStats, text_targets: TextTargets
    ) -> None:
        super().__init__(question_factory, pattern_stats, text_targets)
        self._texts = [
            text for text in question_factory.pool.texts if text.text in text_targets.prior_targets
        ]

    def texts(self) -> Sequence[Text]:
        """Return the texts with prior targets."""
        return self._texts


class MatchStrategy(SequentialStrategy):
    """Mode ``match``: every pattern hit."""

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield a question for each hit with an allowed label."""
        for hit in text.hits:
            if hit.label in self.question_factory.plan.labels:
                span = self.question_factory.suggest_span(
                    text, hit.start, hit.end, hit.label, pattern=hit.pattern
                )
                record = self.pattern_stats.counts(hit.pattern)
                yield self.question_factory.make_question(text, "span", [span], "pattern", record=record)
