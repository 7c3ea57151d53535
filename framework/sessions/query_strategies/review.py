"""The mode ``review``: texts that annotators disagree about, or whose annotation the model doubts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nerture.core.targets.target import Target
from nerture.errors import ConflictError
from nerture.sessions.answers.question import Question
from nerture.sessions.log.text_targets import TextTargets
from nerture.sessions.patterns.pattern_stats import PatternStats
from nerture.sessions.pool.pool_predictions import PoolPredictions
from nerture.sessions.pool.text import Text
from nerture.sessions.query_strategies.base import QuestionFactory
from nerture.sessions.query_strategies.sequential import CorrectStrategy

Spans = frozenset[tuple[int, int, str]]


class ReviewStrategy(CorrectStrategy):
    """Asks about texts with conflicting opinions first, in order of disagreement.

    Then come texts with a single opinion, the least probable first by the model; without a model they are not
    asked about. The most frequent opinion is suggested, and the question shows all of them.
    """

    def __init__(
        self, question_factory: QuestionFactory, pattern_stats: PatternStats, text_targets: TextTargets
    ) -> None:
        super().__init__(question_factory, pattern_stats, text_targets)
        self._disputed = [text for text in question_factory.pool.texts if self._distance(text) > 0]
        self._disputed.sort(key=lambda text: -self._distance(text))
        self._doubted: tuple[int, list[Text]] = (-1, [])

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next text to resolve."""
        for text in (*self._disputed, *self._doubtful(pool_predictions)):
            if self.question_factory.is_text_open_to(text, annotator, now):
                return next(self.questions(text, pool_predictions))
        return None

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield the text with the most frequent opinion."""
        opinions = self._opinions(text)
        most = max(Counter(opinions).items(), key=lambda item: (item[1], sorted(item[0])))[0]
        suggested = [self.question_factory.suggest_span(text, *span) for span in sorted(most)]
        question = self.question_factory.make_question(text, "text", suggested, "review")
        by_annotator = {
            str(target.origin or number): [f"{span.label} {span.text}" for span in target.spans]
            for number, target in enumerate(self.text_targets.prior_targets[text.text], start=1)
        }
        yield replace(question, meta={**question.meta, "opinions": by_annotator})

    def texts(self) -> Sequence[Text]:
        """Return the texts that annotators disagree about."""
        return self._disputed

    def _opinions(self, text: Text) -> list[Spans]:
        return [
            frozenset(span.key for span in target.spans)
            for target in self.text_targets.prior_targets.get(text.text, ())
        ]

    def _distance(self, text: Text) -> float:
        """Return the share of the spans that are not in all opinions; 0 if all are the same."""
        opinions = self._opinions(text)
        union = frozenset[tuple[int, int, str]]().union(*opinions)
        if len(opinions) < 2 or not union:
            return 0.0
        shared = frozenset(union).intersection(*opinions)
        return 1 - len(shared) / len(union)

    def _doubtful(self, pool_predictions: PoolPredictions | None) -> list[Text]:
        """Return the texts with a single opinion, the least probable per token first."""
        if pool_predictions is None or pool_predictions.learner is None:
            return []
        if self._doubted[0] != pool_predictions.version:
            disputed = {text.number for text in self._disputed}
            undisputed = [
                text
                for text in self.question_factory.pool.texts
                if text.text in self.text_targets.prior_targets and text.number not in disputed
            ]
            log_masses = {}
            derivations = pool_predictions.learner.derivations([text.doc for text in undisputed])
            for text, item in zip(undisputed, derivations, strict=True):
                target: Target = self.text_targets.prior_targets[text.text][-1]
                try:
                    log_masses[text.number] = item.log_mass(replace(target, doc=text.doc)) / len(text.doc)
                except ConflictError:  # an entity that is too long for the model
                    log_masses[text.number] = -float("inf")
            self._doubted = (
                pool_predictions.version,
                sorted(undisputed, key=lambda text: log_masses[text.number]),
            )
        return self._doubted[1]
