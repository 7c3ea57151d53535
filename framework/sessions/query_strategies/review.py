"""The mode ``review``: where annotators disagree, or where the model doubts what one of them said."""

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
    """Asks about texts with several opinions first, those furthest apart before the others.

    Then come texts with one opinion, those that the model holds least probable first; without a model, they
    are not asked about. Offered is what most annotators say, and the card tells every opinion.
    """

    def __init__(self, desk: QuestionFactory, records: PatternStats, known: TextTargets) -> None:
        super().__init__(desk, records, known)
        self._apart = [text for text in desk.pool.texts if self._distance(text) > 0]
        self._apart.sort(key=lambda text: -self._distance(text))
        self._doubted: tuple[int, list[Text]] = (-1, [])

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next text to settle."""
        for text in (*self._apart, *self._doubtful(pool_predictions)):
            if self.desk.text_open_to(text, annotator, now):
                return next(self.questions(text, pool_predictions))
        return None

    def questions(self, text: Text, pool_predictions: PoolPredictions | None) -> Iterator[Question]:
        """Yield the text as most annotators see it."""
        opinions = self._opinions(text)
        most = max(Counter(opinions).items(), key=lambda item: (item[1], sorted(item[0])))[0]
        offered = [self.desk.offered(text, *span) for span in sorted(most)]
        question = self.desk.question(text, "text", offered, "review")
        told = {
            str(target.origin or number): [f"{span.label} {span.text}" for span in target.spans]
            for number, target in enumerate(self.known.told[text.text], start=1)
        }
        yield replace(question, meta={**question.meta, "opinions": told})

    def texts(self) -> Sequence[Text]:
        """Return the texts that annotators disagree about."""
        return self._apart

    def _opinions(self, text: Text) -> list[Spans]:
        return [
            frozenset((span.start, span.end, span.label) for span in target.spans)
            for target in self.known.told.get(text.text, ())
        ]

    def _distance(self, text: Text) -> float:
        """Return the share of the marked spans that not all opinions have: 0 where all are the same."""
        opinions = self._opinions(text)
        everything = frozenset[tuple[int, int, str]]().union(*opinions)
        if len(opinions) < 2 or not everything:
            return 0.0
        shared = frozenset(everything).intersection(*opinions)
        return 1 - len(shared) / len(everything)

    def _doubtful(self, pool_predictions: PoolPredictions | None) -> list[Text]:
        """Return the texts with one opinion, the least probable for its length first."""
        if pool_predictions is None or pool_predictions.learner is None:
            return []
        if self._doubted[0] != pool_predictions.version:
            apart = {text.number for text in self._apart}
            alone = [
                text
                for text in self.desk.pool.texts
                if text.text in self.known.told and text.number not in apart
            ]
            masses = {}
            exact = pool_predictions.learner.derivations([text.doc for text in alone])
            for text, one in zip(alone, exact, strict=True):
                target: Target = self.known.told[text.text][-1]
                try:
                    masses[text.number] = one.log_mass(replace(target, doc=text.doc)) / len(text.doc)
                except ConflictError:  # an entity that is too long for the model
                    masses[text.number] = -float("inf")
            self._doubted = pool_predictions.version, sorted(alone, key=lambda text: masses[text.number])
        return self._doubted[1]
