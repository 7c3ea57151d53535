"""Probes: randomly drawn questions, whose answers evaluate the model and never train it.

A random share of the texts is held out for the whole session. Every span that the model could find in them
has its own permanent random number between 0 and 1 (Ohlsson 1995). The next probe is the predicted span with
the smallest number that has no answer yet. So at any moment the answered spans are a random sample of what
the current version predicts in texts that it was never trained on, however often the model has changed; and
an answer counts for every version that predicts the same span. A newly predicted span with a smaller number
is asked about next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from nerture.core.targets.target import Target
from nerture.core.text.doc import Span
from nerture.evaluation.scorer import judge_spans
from nerture.sessions.estimates.interval import Interval
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate
from nerture.sessions.pool.text import Text

PROBE_SHARE = 0.2
"""Share of the texts that is held out."""
MAX_PROBE_TEXTS = 600
"""Maximum number of held-out texts."""
MIN_POOL_TEXTS = 50
"""Smaller pools have no held-out texts, as every text is needed for training."""
NORMAL = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True, slots=True)
class Probe:
    """A span predicted in a held-out text, and the probability with which it was drawn."""

    text: int
    candidate: SpanCandidate
    sampling: float


def permanent_number(seed: int, *names: object) -> float:
    """Return the permanent random number, 0 to 1, of the object identified by ``names``."""
    return int.from_bytes(_digest("\n".join(map(str, (seed, *names)))), "little") / 2**64


def _digest(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()


PoolCandidate: TypeAlias = tuple[int, SpanCandidate]
"""The number of a text, and a span candidate in it."""
TargetLookup: TypeAlias = Callable[[Text], Target | None]
"""Returns what the answers say about a text; None if nothing."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """A version's predicted spans: those in held-out texts by their random numbers, the others by text."""

    held_out: list[PoolCandidate]
    elsewhere: dict[int, tuple[float, list[SpanCandidate]]]
    """For each text, how many of its predicted spans are expected to be right, and the spans."""
    each: float
    """How many texts each of the texts in ``elsewhere`` represents."""


class Probes:
    """The held-out texts, and what their answers say about a version of the model."""

    def __init__(self, plan: SessionPlan, pool: Pool) -> None:
        self.plan, self.pool = plan, pool
        self._prepared: WeakKeyDictionary[PoolPredictions, Predictions] = WeakKeyDictionary()

    @cached_property
    def held_out(self) -> frozenset[int]:
        """The numbers of the held-out texts."""
        plan, pool = self.plan, self.pool
        if plan.mode != "teach" or not plan.probe_share or len(pool) < MIN_POOL_TEXTS:
            return frozenset()
        count = min(round(PROBE_SHARE * len(pool)), MAX_PROBE_TEXTS)
        # the numbers of ``permanent_number``, but vectorized: the annotator waits while a pool is opened
        digests = b"".join([_digest(f"{plan.seed}\n{text.text}") for text in pool.texts])
        order = np.argsort(np.frombuffer(digests, "<u8"), kind="stable")
        return frozenset(order[:count].tolist())

    def is_held_out(self, text: Text | None) -> bool:
        """Return whether a text is held out."""
        return text is not None and text.number in self.held_out

    def held_out_predictions(self, pool_predictions: PoolPredictions) -> list[PoolCandidate]:
        """Return the spans that a version predicts in held-out texts, by their random numbers."""
        return self.prepare(pool_predictions).held_out

    def prepare(self, pool_predictions: PoolPredictions) -> Predictions:
        """Sort a version's predictions, once; thread-safe, so that no annotator waits for it."""
        prepared = self._prepared.get(pool_predictions)
        if prepared is None:
            predicted = _find_predicted(pool_predictions)
            held_out = sorted((item for item in predicted if item[0] in self.held_out), key=self._find_number)
            elsewhere: dict[int, list[SpanCandidate]] = {}
            for number, candidate in predicted:
                if number not in self.held_out:
                    elsewhere.setdefault(number, []).append(candidate)
            seen = sum(number not in self.held_out for number in pool_predictions.candidates)
            prepared = self._prepared[pool_predictions] = Predictions(
                held_out,
                {number: (sum(c.probability for c in group), group) for number, group in elsewhere.items()},
                (len(self.pool) - len(self.held_out)) / seen if seen else 0.0,
            )
        return prepared

    def find_unanswered(
        self, pool_predictions: PoolPredictions, find_target: TargetLookup
    ) -> Iterator[Probe]:
        """Yield the probes that could be asked, the next one first."""
        predictions = self.held_out_predictions(pool_predictions)
        left = [item for item in predictions if self._find_outcome(*item, find_target) is None]
        for number, candidate in left:
            yield Probe(number, candidate, 1 / len(left))

    def precision(self, pool_predictions: PoolPredictions, find_target: TargetLookup) -> Interval | None:
        """Estimate which share of what a version predicts is right, over all texts.

        Answered spans count as answered. The others count by their probability, corrected by the mean error
        of the probabilities of answered probes: the difference estimator (Särndal, Swensson and Wretman 1992,
        6.3), which does not require calibrated probabilities, and is the more exact the better they are. The
        interval is nominally 95 %, with a variance as if there were one more right and one more wrong probe,
        so that a few probes that agree do not suggest certainty (after Agresti and Coull 1998). None if no
        probe has been answered yet.
        """
        predictions = self.prepare(pool_predictions)
        each = predictions.each
        outcomes: list[tuple[bool, float]] = []
        settled = right = unknown = expected = 0.0
        for number, candidate in predictions.held_out:
            answer = self._find_outcome(number, candidate, find_target)
            if answer is None:
                unknown += 1
                expected += candidate.probability
            else:
                settled += 1
                right += answer
                outcomes.append((answer, candidate.probability))
        for number, (probable, candidates) in predictions.elsewhere.items():
            if find_target(self.pool[number]) is None:
                unknown += each * len(candidates)
                expected += each * probable
                continue
            for candidate in candidates:
                answer = self._find_outcome(number, candidate, find_target)
                if answer is None:
                    unknown += each
                    expected += each * candidate.probability
                else:
                    settled += each
                    right += each * answer
        if not outcomes:
            return None
        error, spread = _estimate_error(outcomes)
        estimate = min(max((right + expected + unknown * error) / (settled + unknown), 0.0), 1.0)
        reach = NORMAL * math.sqrt(spread * unknown * (1 + unknown / len(outcomes))) / (settled + unknown)
        return Interval(estimate, max(0.0, estimate - reach), min(1.0, estimate + reach))

    def find_outcomes(self, pool_predictions: PoolPredictions, targets: Iterable[Target]) -> list[bool]:
        """Return whether each span that a version predicts in held-out texts is right, if that is known.

        ``targets`` is what the answers say about these texts. Thread-safe.
        """
        by_text = {target.doc.text: target for target in targets}
        outcomes = [
            self._find_outcome(number, candidate, lambda text: by_text.get(text.text))
            for number, candidate in _find_predicted(pool_predictions)
            if number in self.held_out
        ]
        return [right for right in outcomes if right is not None]

    def _find_number(self, item: PoolCandidate) -> float:
        number, candidate = item
        text = self.pool[number].text
        return permanent_number(self.plan.seed, text, candidate.start, candidate.end, candidate.label)

    def _find_outcome(self, number: int, candidate: SpanCandidate, find_target: TargetLookup) -> bool | None:
        """Return whether a predicted span is right; None if no answer says so."""
        target = find_target(self.pool[number])
        if target is None:
            return None
        span = Span(candidate.start, candidate.end, candidate.label, doc=target.doc)
        return next((right for _, right in judge_spans(target, [span])), None)


def _find_predicted(pool_predictions: PoolPredictions) -> list[PoolCandidate]:
    """Return a version's predicted spans, text by text."""
    return [
        (number, candidate)
        for number, candidates in pool_predictions.candidates.items()
        for candidate in candidates
        if candidate.predicted
    ]


def _estimate_error(outcomes: Sequence[tuple[bool, float]]) -> tuple[float, float]:
    """Return the mean of outcome - probability, and its variance with two fictitious outcomes added."""
    errors = [right - probability for right, probability in outcomes]
    mean = sum(probability for _, probability in outcomes) / len(outcomes)
    return sum(errors) / len(errors), float(np.var([*errors, 1 - mean, -mean]))
