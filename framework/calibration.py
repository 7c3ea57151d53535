"""The temperature at which a learner's probabilities come true, and how good it is there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nerture.core.cutting import cut
from nerture.core.derivations import Derivations
from nerture.core.doc import Span
from nerture.core.learner import Learner
from nerture.core.target import Target
from nerture.errors import DataError
from nerture.reliability import Reliability
from nerture.scorer import judged

if TYPE_CHECKING:
    import numpy.typing as npt

COOLEST, HOTTEST = 0.1, 10.0
"""Temperatures among which the best is looked for."""

PIECE = 500  # words: longer texts are cut, as in training
MOST_WORDS = 200_000  # of texts with predictions; of more, texts evenly spread are taken: it is one number
RATIO = 1.2  # from one temperature that is tried for the loss of whole texts to the next
GRID = 13  # temperatures that are tried first
PRECISION = 0.005  # of the logarithm of the temperature
GOLDEN = (math.sqrt(5) - 1) / 2
NEVER = 1e-12  # least probability, so that a wrong certainty costs much and not everything


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration did: the temperatures before and after, and how far the probabilities came true."""

    old: float
    new: float
    texts: int
    before: Reliability
    after: Reliability

    def as_dict(self) -> dict[str, Any]:
        """Return the calibration as it is printed for programs."""
        return {
            "temperature": self.new,
            "old_temperature": self.old,
            "texts": self.texts,
            "entities": len(self.after),
            "right": int(self.after.right.sum()),
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


Judged = list[tuple[Derivations, list[tuple[Span, bool]]]]
"""Texts at temperature 1, with the predicted spans of each and whether they are right."""


def fit_temperature(learner: Learner, targets: Sequence[Target]) -> float:
    """Return the temperature, from 0.1 to 10, that makes the probabilities of predicted spans come true.

    Temperature scaling (Guo et al. 2017) with one difference: what is to come true is the probability of a
    predicted span, summed over all derivations, and not that of a single action. The log-loss of the spans
    that the learner predicts is least there, with the smoothed answers of Platt (1999): of r right spans each
    counts as right to (r + 1) / (r + 2), of w wrong ones each to 1 / (w + 2). So a few spans that are all
    right do not make for certainty.

    Raises ``DataError`` when no predicted span is known to be right or wrong.
    """
    known = _judged(learner, targets)
    answers = np.array([right for _, spans in known for _, right in spans])
    if not len(answers):
        raise DataError("the model finds no entity in these texts: nothing tells how sure it may be")
    smoothed = np.where(answers, (answers.sum() + 1) / (answers.sum() + 2), 1 / ((~answers).sum() + 2))

    def loss(log_temperature: float) -> float:
        found = _probabilities(known, math.exp(log_temperature)).clip(NEVER, 1 - NEVER)
        return -float((smoothed * np.log(found) + (1 - smoothed) * np.log1p(-found)).sum())

    best = math.exp(_least(loss, math.log(COOLEST), math.log(HOTTEST)))
    return min(max(best, COOLEST), HOTTEST)  # exp and log are not quite inverse


def calibrated_loss(learner: Learner, targets: Sequence[Target]) -> float:
    """Return -log of the probability of what is known of some texts, per word, were the learner calibrated.

    It is the least over temperatures, found step by step from 1 on. So a learner is judged by what it tells
    apart, and not by how sure it is altogether, which one number mends. Raises ``ConflictError`` where
    nothing agrees with a target.
    """
    exact = learner.derivations([target.doc for target in targets], 1.0)
    known = list(zip(exact, targets, strict=True))
    words = sum(len(target.doc) for target in targets)

    def loss(temperature: float) -> float:
        return -sum(one.at(temperature).log_mass(target) for one, target in known) / words

    best = loss(1.0)
    for ratio in (RATIO, 1 / RATIO):
        temperature, before = ratio, best
        while COOLEST <= temperature <= HOTTEST and (here := loss(temperature)) < best:
            best, temperature = here, temperature * ratio
        if best < before:
            break  # it falls to one side only
    return best


def _judged(learner: Learner, targets: Sequence[Target]) -> Judged:
    pieces = [piece for target in targets for piece in cut(target, PIECE) if len(piece.doc)]
    predictions = learner.predict([piece.doc for piece in pieces])
    spans = [list(judged(piece, found)) for piece, found in zip(pieces, predictions, strict=True)]
    useful = [number for number, found in enumerate(spans) if found]
    words = sum(len(pieces[number].doc) for number in useful)
    useful = useful[:: max(1, math.ceil(words / MOST_WORDS))]
    exact = learner.derivations([pieces[number].doc for number in useful], 1.0)
    return list(zip(exact, (spans[number] for number in useful), strict=True))


def _probabilities(known: Judged, temperature: float) -> npt.NDArray[np.float64]:
    return np.array([
        exact.span_probability(span.start, span.end, span.label)
        for exact, spans in ((at_one.at(temperature), spans) for at_one, spans in known)
        for span, _ in spans
    ])  # fmt: skip


def _least(loss: Callable[[float], float], low: float, high: float) -> float:
    """Return where the loss is least: the best of a grid, then golden sections around it (Kiefer 1953)."""
    step = (high - low) / (GRID - 1)
    best = min((low + number * step for number in range(GRID)), key=loss)
    low, high = max(low, best - step), min(high, best + step)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > PRECISION:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(right)
    return min((low, (low + high) / 2, high), key=loss)
