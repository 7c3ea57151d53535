"""The mode ``teach``: asks what teaches the model most for the time that it takes."""

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
"""Answers before the first probe: what a model predicts before, the next version forgets."""
UNSURE = (0.05, 0.95)
"""Probabilities between which a pattern's hit is worth one of the questions kept for patterns."""


class ActiveStrategy:
    """Goes down the order of the outlook; now and then it asks about a pattern's hit, or a probe.

    ``before`` makes the outlook that there is before there is a model.
    """

    def __init__(
        self,
        desk: QuestionFactory,
        records: PatternStats,
        known: TextTargets,
        probes: Probes,
        before: Callable[[], PoolPredictions],
    ) -> None:
        self.desk, self.records, self.known, self.probes = desk, records, known, probes
        self.before = before
        self._before: PoolPredictions | None = None
        self._wanting: set[str] = set()

    def propose(
        self, annotator: str, now: float, pool_predictions: PoolPredictions | None
    ) -> Question | None:
        """Return the next question; what others were asked and more are to answer comes first."""
        for name in self.desk.answer_index.in_order(self._wanting):
            wanting = self.desk.answer_index.questions[name]
            if self.desk.open_to(wanting, annotator, now):
                return wanting
        if pool_predictions is None and self._before is None:
            self._before = self.before()
        seen = pool_predictions or self._before
        assert seen is not None
        plan = self.desk.plan
        draw = np.random.default_rng([plan.seed, self.desk.answer_index.asked]).random()
        if draw < plan.probe_share and len(self.desk.answer_index.answers) >= PROBED_FROM:
            probe = self._probe(seen, now)
            if probe is not None:
                return probe
        askings: Iterable[QuestionRef] = seen.order
        if plan.probe_share <= draw < plan.probe_share + plan.pattern_share:
            askings = chain((asking for asking in seen.order if _from_pattern(asking, seen)), seen.order)
        for asking in askings:
            question = self._question(asking, seen, now)
            if question is not None:
                return question
        return self._rest(seen, now)

    def remaining(self) -> int | None:
        """Nobody knows: it ends when the annotator has had enough."""
        return None

    def changed(self, question: Question, answer: Answer, came: bool) -> None:
        """Note which questions more annotators are to answer."""
        count = len(self.desk.answer_index.question_answers(question.id))
        if 0 < count < self.desk.plan.annotators_per_question:
            self._wanting.add(question.id)
        else:
            self._wanting.discard(question.id)

    def _question(
        self, asking: QuestionRef, pool_predictions: PoolPredictions, now: float
    ) -> Question | None:
        """Make a question if it may still be asked."""
        text = self.desk.pool[asking.text]
        if not self._free(text, asking.chance, now):
            return None
        if asking.chance is not None:
            return self._span(text, asking.chance, pool_predictions)
        return self._text(text, pool_predictions)

    def _rest(self, pool_predictions: PoolPredictions, now: float) -> Question | None:
        """Ask about texts that this version was not asked about."""
        if self.desk.plan.ask != "span":
            for text in self.desk.pool.texts:
                if not self.probes.reserved(text) and self._free(text, None, now):
                    return self._text(text, pool_predictions)
        return None

    def _free(self, text: Text, chance: SpanCandidate | None, now: float) -> bool:
        """Say whether nobody has answered this, or what settles it, or is being asked about the text."""
        if self.desk.answer_index.out_about(text.text, now):
            return False
        if self.known.finished(text.text):
            return False
        if chance is None:
            return True
        return not self.known.settled(text, chance.start, chance.end, chance.label)

    def _span(
        self, text: Text, chance: SpanCandidate, pool_predictions: PoolPredictions,
        reason: Reason | None = None,
        sampling: float | None = None,
    ) -> Question:  # fmt: skip
        offered = self.desk.candidate(text, chance, pool_predictions)
        return self.desk.question(
            text, "span", [offered], reason or ("pattern" if chance.pattern else "model"),
            probability=offered.probability, sampling=sampling,
            record=self.records.counts(chance.pattern) if chance.pattern else None,
            version=pool_predictions.version,
        )  # fmt: skip

    def _text(
        self,
        text: Text,
        pool_predictions: PoolPredictions,
        reason: Reason | None = None,
        sampling: float | None = None,
    ) -> Question:
        """Ask about a whole text, with the best analysis of it under the answers so far."""
        said = self.known.of(text)
        spans = list(self.desk.analysis(text, pool_predictions, said))
        if reason is None:
            from_pattern = any(span.pattern is not None for span in spans)
            accepted = said is not None and bool(said.spans)
            reason = "follow-up" if accepted else "pattern" if from_pattern else "model"
        return self.desk.question(
            text, "text", spans, reason, sampling=sampling, version=pool_predictions.version
        )

    def _probe(self, pool_predictions: PoolPredictions, now: float) -> Question | None:
        for probe in self.probes.unknown(pool_predictions, self.known.of):
            text = self.desk.pool[probe.text]
            if self._free(text, probe.chance, now):
                return self._probed(text, probe, pool_predictions)
        return None

    def _probed(self, text: Text, probe: Probe, pool_predictions: PoolPredictions) -> Question:
        if self.desk.plan.ask == "text":
            return self._text(text, pool_predictions, "probe", probe.sampling)
        return self._span(text, probe.chance, pool_predictions, "probe", probe.sampling)


def _from_pattern(asking: QuestionRef, pool_predictions: PoolPredictions) -> bool:
    """Say whether a question is about a pattern's hit that is worth asking about."""
    chances = (asking.chance,) if asking.chance is not None else pool_predictions.chances[asking.text]
    return any(chance.pattern and UNSURE[0] < chance.probability < UNSURE[1] for chance in chances)
