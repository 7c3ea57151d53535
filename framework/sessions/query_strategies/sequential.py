"""The modes that go through the source in its order: ``manual`` and ``match``."""

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
    """Asks the questions of each text, text after text; what is answered is not looked at again."""

    def __init__(self, desk: QuestionFactory, records: PatternStats, known: TextTargets) -> None:
        self.desk, self.records, self.known = desk, records, known
        self._done = 0  # the texts before it are answered through
        self._count: int | None = None

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the first question of the first text that has one for this annotator."""
        first = True
        for number in range(self._done, len(self.desk.pool)):
            text = self.desk.pool[number]
            answered = True
            for question in self.questions(text, pool_predictions):
                if self.desk.open_to(question, annotator, now):
                    return question
                answered = answered and self._enough(question)
            if first and answered:
                self._done = number + 1
            first = first and answered
        return None

    @abstractmethod
    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield what is to be asked about a text."""

    def remaining(self) -> int | None:
        """Return how many questions have too few answers."""
        if self._count is None:
            texts = self.desk.pool.texts
            self._count = sum(1 for text in texts for _ in self.questions(text, None))
        answer_index = self.desk.answer_index
        done = {answer.question for answer in answer_index.answers.values()}
        return self._count - sum(self._enough(answer_index.questions[name]) for name in done)

    def changed(self, question: Question, answer: Answer, came: bool) -> None:
        """Look again at all texts when an answer was taken back."""
        if not came:
            self._done = 0

    def _enough(self, question: Question) -> bool:
        return (
            len(self.desk.answer_index.question_answers(question.id))
            >= self.desk.plan.annotators_per_question
        )


class ManualStrategy(SequentialStrategy):
    """Mode ``manual``: every text, with nothing marked but what the patterns find."""

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield the text."""
        labels = self.desk.plan.labels
        hits = [hit for hit in text.disjoint_hits if hit.label in labels]
        spans = [self.desk.offered(text, hit.start, hit.end, hit.label, pattern=hit.pattern) for hit in hits]
        yield self.desk.question(text, "text", spans, "source")


class CorrectStrategy(SequentialStrategy):
    """Mode ``correct``: every text, with what the model finds in it."""

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the first text that was not answered about often enough, whatever was offered there."""
        texts = self.texts()
        while self._done < len(texts) and self._answered(texts[self._done]):
            self._done += 1
        for number in range(self._done, len(texts)):
            if self.desk.text_open_to(texts[number], annotator, now):
                return next(self.questions(texts[number], pool_predictions))
        return None

    def texts(self) -> Sequence[Text]:
        """Return the texts to go through, in order."""
        return self.desk.pool.texts

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield the text with the best analysis under what was told of it; others' answers are not shown."""
        spans = self.desk.analysis(text, pool_predictions, self.known.before(text))
        version = pool_predictions.version if pool_predictions is not None else 0
        yield self.desk.question(text, "text", spans, "source", version=version)

    def remaining(self) -> int | None:
        """Return how many texts have too few answers."""
        return sum(not self._answered(text) for text in self.texts())

    def _answered(self, text: Text) -> bool:
        return len(self.desk.answer_index.text_answers(text.text)) >= self.desk.plan.annotators_per_question


class GoldStrategy(CorrectStrategy):
    """Mode ``gold``: every text of which something is known, with the best analysis that agrees with it."""

    def __init__(self, desk: QuestionFactory, records: PatternStats, known: TextTargets) -> None:
        super().__init__(desk, records, known)
        self._told = [text for text in desk.pool.texts if text.text in known.told]

    def texts(self) -> Sequence[Text]:
        """Return the texts of which something was told before the session began."""
        return self._told


class MatchStrategy(SequentialStrategy):
    """Mode ``match``: every hit of every pattern."""

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield a question for each hit of a label that may be given."""
        for hit in text.hits:
            if hit.label in self.desk.plan.labels:
                offered = self.desk.offered(text, hit.start, hit.end, hit.label, pattern=hit.pattern)
                record = self.records.counts(hit.pattern)
                yield self.desk.question(text, "span", [offered], "pattern", record=record)
