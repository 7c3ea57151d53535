"""Probes: questions drawn by chance, by whose answers the model is judged and never taught.

A share of the texts is set aside, by chance, once and for all. Every span that the model could find there has
a number of its own between 0 and 1, always the same (permanent random numbers, Ohlsson 1995). Asked is about
the predicted span of the least number that is not known yet. So at any moment the known ones before the first
that is unknown are a simple random sample of what the present version predicts in texts that it has never
learned from, however often the model has changed in between; and an answer counts for every version
that predicts the same span.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest
from typing import TypeAlias

from nerture.core.doc import Span
from nerture.core.target import Target
from nerture.scorer import judged
from nerture.sessions.outlook import Chance, Outlook
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool import Pool, Text
from nerture.sessions.protocol import Interval

SHARE = 0.2
"""Share of the texts that is set aside."""
MOST = 600
"""Texts that are set aside at most."""
FEWEST = 50
"""Of fewer texts none is set aside: every one of them is needed to learn from."""
NORMAL = 1.959964  # of the standard normal distribution, 95 % lie within so many standard deviations


@dataclass(frozen=True, slots=True)
class Probe:
    """A span that the model predicts in a text set aside, and the probability with which it was drawn."""

    text: int
    chance: Chance
    sampling: float


def number_of(seed: int, *names: object) -> float:
    """Return the permanent random number, 0 to 1, of whatever has these names."""
    digest = blake2b("\n".join(map(str, (seed, *names))).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little") / 2**64


KnownOf: TypeAlias = Callable[[Text], Target | None]
"""What answers say of a text; None: nothing."""


class Probes:
    """The texts set aside, and what they tell of a version of the model."""

    def __init__(self, plan: SessionPlan, pool: Pool) -> None:
        self.plan, self.pool = plan, pool
        self.numbers: frozenset[int] = frozenset()
        self._predicted: tuple[Outlook | None, list[tuple[int, Chance]]] = None, []
        if plan.mode == "teach" and plan.probe_share and len(pool) >= FEWEST:
            count = min(round(SHARE * len(pool)), MOST)
            least = nsmallest(count, pool.texts, key=lambda text: number_of(plan.seed, text.doc.text))
            self.numbers = frozenset(text.number for text in least)

    def reserved(self, text: Text | None) -> bool:
        """Say whether a text is set aside."""
        return text is not None and text.number in self.numbers

    def predicted(self, outlook: Outlook) -> list[tuple[int, Chance]]:
        """Return the spans that a version predicts in the texts set aside, by their random numbers."""
        kept, found = self._predicted
        if kept is not outlook:
            found = self.ranked(outlook)
            self._predicted = outlook, found
        return found

    def ranked(self, outlook: Outlook) -> list[tuple[int, Chance]]:
        """Return the same, found anew: it may be called from any thread."""
        found = [
            (number, chance)
            for number in self.numbers
            for chance in outlook.chances.get(number, ())
            if chance.predicted
        ]
        return sorted(found, key=self._number)

    def unknown(self, outlook: Outlook, known: KnownOf) -> Iterator[Probe]:
        """Yield the probes that could be asked, the next one first."""
        found = self.predicted(outlook)
        left = [item for item in found if self._right(*item, known) is None]
        for number, chance in left:
            yield Probe(number, chance, 1 / len(left))

    def precision(self, outlook: Outlook, known: KnownOf) -> Interval | None:
        """Estimate which share of what a version predicts is right in texts that it has not learned from.

        With Wilson's interval (1927), of nominally 95 %. None: nothing is known yet.
        """
        judged = list(self._judged(self.predicted(outlook), known))
        return wilson(sum(judged), len(judged)) if judged else None

    def sample(self, outlook: Outlook, targets: Iterable[Target]) -> list[bool]:
        """Say of a random sample of what a version predicts in the texts set aside whether it is right.

        ``targets`` is what answers say of these texts. It may be called from any thread.
        """
        known = {target.doc.text: target for target in targets}
        return list(self._judged(self.ranked(outlook), lambda text: known.get(text.doc.text)))

    def _judged(self, ranked: Iterable[tuple[int, Chance]], known: KnownOf) -> Iterator[bool]:
        """Yield of the spans before the first that nobody has judged whether they are right."""
        for number, chance in ranked:
            right = self._right(number, chance, known)
            if right is None:
                return
            yield right

    def _number(self, item: tuple[int, Chance]) -> float:
        number, chance = item
        text = self.pool[number].doc.text
        return number_of(self.plan.seed, text, chance.start, chance.end, chance.label)

    def _right(self, number: int, chance: Chance, known: KnownOf) -> bool | None:
        """Say whether a predicted span is right; None: nobody has said."""
        target = known(self.pool[number])
        if target is None:
            return None
        span = Span(chance.start, chance.end, chance.label, doc=target.doc)
        return next((right for _, right in judged(target, [span])), None)


def wilson(right: int, count: int) -> Interval:
    """Return the share and Wilson's score interval (1927) of nominally 95 %; ``count`` is at least 1."""
    share, square = right / count, NORMAL**2
    centre = (share + square / (2 * count)) / (1 + square / count)
    reach = NORMAL / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return Interval(share, max(0.0, centre - reach), min(1.0, centre + reach))
