"""Probes: questions drawn by chance, by whose answers the model is judged and never taught.

A share of the texts is set aside, by chance, once and for all. Every span that the model could find there has
a number of its own between 0 and 1, always the same (permanent random numbers, Ohlsson 1995). Asked is about
the predicted span of the least number that is not known yet. So at any moment the known ones are a random
sample of what the present version predicts in texts that it has never learned from, however often the model
has changed in between; and an answer counts for every version that predicts the same span. What a version
has come to predict only now is asked about next, if its turn would have come before.
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
from nerture.evaluation.scorer import judged
from nerture.sessions.estimates.interval import Interval
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.pool_predictions import PoolPredictions, SpanCandidate
from nerture.sessions.pool.text import Text

PROBE_SHARE = 0.2
"""Share of the texts that is set aside."""
MAX_PROBE_TEXTS = 600
"""Texts that are set aside at most."""
MIN_POOL_TEXTS = 50
"""Of fewer texts none is set aside: every one of them is needed to learn from."""
NORMAL = 1.959964  # of the standard normal distribution, 95 % lie within so many standard deviations


@dataclass(frozen=True, slots=True)
class Probe:
    """A span that the model predicts in a text set aside, and the probability with which it was drawn."""

    text: int
    chance: SpanCandidate
    sampling: float


def number_of(seed: int, *names: object) -> float:
    """Return the permanent random number, 0 to 1, of whatever has these names."""
    return int.from_bytes(_digest("\n".join(map(str, (seed, *names)))), "little") / 2**64


def _digest(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()


Place: TypeAlias = tuple[int, SpanCandidate]
"""A span that may be there, and the number of its text."""
KnownOf: TypeAlias = Callable[[Text], Target | None]
"""What answers say of a text; None: nothing."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a version predicts: in the texts set aside by the spans' random numbers, elsewhere by text."""

    aside: list[Place]
    elsewhere: dict[int, tuple[float, list[SpanCandidate]]]
    """Of each text, how many of its predicted spans are expected to be right, and the spans."""
    each: float
    """How many texts one of those elsewhere stands for."""


class Probes:
    """The texts set aside, and what they tell of a version of the model."""

    def __init__(self, plan: SessionPlan, pool: Pool) -> None:
        self.plan, self.pool = plan, pool
        self._found: WeakKeyDictionary[PoolPredictions, Predictions] = WeakKeyDictionary()

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The numbers of the texts set aside."""
        plan, pool = self.plan, self.pool
        if plan.mode != "teach" or not plan.probe_share or len(pool) < MIN_POOL_TEXTS:
            return frozenset()
        count = min(round(PROBE_SHARE * len(pool)), MAX_PROBE_TEXTS)
        # The numbers as ``number_of`` has them, in one array: a large pool is opened while somebody waits.
        digests = b"".join([_digest(f"{plan.seed}\n{text.text}") for text in pool.texts])
        order = np.argsort(np.frombuffer(digests, "<u8"), kind="stable")
        return frozenset(order[:count].tolist())

    def reserved(self, text: Text | None) -> bool:
        """Say whether a text is set aside."""
        return text is not None and text.number in self.numbers

    def predicted(self, pool_predictions: PoolPredictions) -> list[Place]:
        """Return the spans that a version predicts in the texts set aside, by their random numbers."""
        return self.prepare(pool_predictions).aside

    def prepare(self, pool_predictions: PoolPredictions) -> Predictions:
        """Put what a version predicts in order, once; from any thread, so that no annotator waits for it."""
        found = self._found.get(pool_predictions)
        if found is None:
            places = _predicted(pool_predictions)
            aside = sorted((place for place in places if place[0] in self.numbers), key=self._number)
            elsewhere: dict[int, list[SpanCandidate]] = {}
            for number, chance in places:
                if number not in self.numbers:
                    elsewhere.setdefault(number, []).append(chance)
            seen = sum(number not in self.numbers for number in pool_predictions.chances)
            found = self._found[pool_predictions] = Predictions(
                aside,
                {number: (sum(c.probability for c in there), there) for number, there in elsewhere.items()},
                (len(self.pool) - len(self.numbers)) / seen if seen else 0.0,
            )
        return found

    def unknown(self, pool_predictions: PoolPredictions, known: KnownOf) -> Iterator[Probe]:
        """Yield the probes that could be asked, the next one first."""
        found = self.predicted(pool_predictions)
        left = [item for item in found if self._right(*item, known) is None]
        for number, chance in left:
            yield Probe(number, chance, 1 / len(left))

    def precision(self, pool_predictions: PoolPredictions, known: KnownOf) -> Interval | None:
        """Estimate which share of what a version predicts is right, over all texts.

        What answers have settled counts as they say. The rest counts by its probability, less what the
        probabilities of the probes that were answered are too high by, on average: the difference estimator
        (Särndal, Swensson and Wretman 1992, 6.3), which needs no calibrated probabilities, and is the more
        exact the better they are. The interval is of nominally 95 %, with a spread as if one probe more had
        turned out right, and one wrong, so that a few that agree do not feign certainty (after Agresti and
        Coull 1998). None: no probe was answered yet.
        """
        found = self.prepare(pool_predictions)
        each = found.each
        judged: list[tuple[bool, float]] = []
        settled = right = unknown = expected = 0.0
        for number, chance in found.aside:
            answer = self._right(number, chance, known)
            if answer is None:
                unknown += 1
                expected += chance.probability
            else:
                settled += 1
                right += answer
                judged.append((answer, chance.probability))
        for number, (probable, chances) in found.elsewhere.items():
            if known(self.pool[number]) is None:
                unknown += each * len(chances)
                expected += each * probable
                continue
            for chance in chances:
                answer = self._right(number, chance, known)
                if answer is None:
                    unknown += each
                    expected += each * chance.probability
                else:
                    settled += each
                    right += each * answer
        if not judged:
            return None
        error, spread = _difference(judged)
        estimate = min(max((right + expected + unknown * error) / (settled + unknown), 0.0), 1.0)
        reach = NORMAL * math.sqrt(spread * unknown * (1 + unknown / len(judged))) / (settled + unknown)
        return Interval(estimate, max(0.0, estimate - reach), min(1.0, estimate + reach))

    def sample(self, pool_predictions: PoolPredictions, targets: Iterable[Target]) -> list[bool]:
        """Say of those spans set aside that a version predicts and that are known whether they are right.

        ``targets`` is what answers say of these texts. It may be called from any thread.
        """
        known = {target.doc.text: target for target in targets}
        judged = [
            self._right(number, chance, lambda text: known.get(text.text))
            for number, chance in _predicted(pool_predictions)
            if number in self.numbers
        ]
        return [right for right in judged if right is not None]

    def _number(self, item: Place) -> float:
        number, chance = item
        text = self.pool[number].text
        return number_of(self.plan.seed, text, chance.start, chance.end, chance.label)

    def _right(self, number: int, chance: SpanCandidate, known: KnownOf) -> bool | None:
        """Say whether a predicted span is right; None: nobody has said."""
        target = known(self.pool[number])
        if target is None:
            return None
        span = Span(chance.start, chance.end, chance.label, doc=target.doc)
        return next((right for _, right in judged(target, [span])), None)


def _predicted(pool_predictions: PoolPredictions) -> list[Place]:
    """Return what a version predicts, text by text."""
    return [
        (number, chance)
        for number, chances in pool_predictions.chances.items()
        for chance in chances
        if chance.predicted
    ]


def _difference(judged: Sequence[tuple[bool, float]]) -> tuple[float, float]:
    """Return the mean of what is right less its probability, and its variance, with two fictitious ones."""
    off = [right - probability for right, probability in judged]
    mean = sum(probability for _, probability in judged) / len(judged)
    return sum(off) / len(off), float(np.var([*off, 1 - mean, -mean]))
