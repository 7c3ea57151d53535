"""The calibration by which a learner's probabilities come true, and how good it is there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.targets.splitting import cut
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.evaluation.reliability import Reliability
from nerture.evaluation.scorer import judged

if TYPE_CHECKING:
    import numpy.typing as npt

Float64: TypeAlias = "npt.NDArray[np.float64]"

COOLEST, HOTTEST = 0.1, 10.0
"""Temperatures among which the best is looked for."""

PIECE = 500  # words: longer texts are cut, as in training
MIN_PROBABILITY = 0.01  # probability without calibration: of a span that is less likely, nobody is told
MAX_WORDS = 50_000  # of texts with spans to judge; of more, some evenly spread are taken
RATIO = 1.2  # from one temperature that is tried for the loss of whole texts to the next
GRID = 13  # temperatures that are tried first
PRECISION = 0.005  # of the logarithm of the temperature
GOLDEN = (math.sqrt(5) - 1) / 2
MAX_STEPS, HALVINGS = 20, 5  # towards the offsets; each goes half as far until it is downwards
CLOSE = 1e-7  # of the loss: a step that gains less is the last
BESIDE, FLAT = 1e-4, 1e-6  # for the differences that are taken for slopes; and where these are 0
NEVER = 1e-12  # least probability, so that a wrong certainty costs much and not everything


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration changed, and how far the probabilities came true before and after."""

    old: Calibration
    new: Calibration
    texts: int
    before: Reliability
    after: Reliability

    def as_dict(self) -> dict[str, Any]:
        """Return the calibration as it is printed for programs."""
        return {
            "temperature": self.new.temperature,
            "offsets": dict(self.new.offsets),
            "old_temperature": self.old.temperature,
            "old_offsets": dict(self.old.offsets),
            "texts": self.texts,
            "entities": len(self.after),
            "right": int(self.after.right.sum()),
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


class JudgedSpan(NamedTuple):
    """A text as it is without calibration, and spans of which it is known whether they are right.

    ``spans`` int32 (M, 3): start, end, number of the label; ``right`` bool (M).
    """

    exact: Derivations
    spans: npt.NDArray[np.int32]
    right: npt.NDArray[np.bool_]


def fit_calibration(parts: Sequence[tuple[Learner, Sequence[Target]]]) -> Calibration:
    """Return the temperature, from 0.1 to 10, and the labels' offsets that make probabilities come true.

    A part is a learner and texts that it has not learned from. Mostly there is one; after cross-validation,
    one calibration is fitted for the learners of all parts.

    What is to come true is the probability of a span, summed over all derivations, and not that of a single
    action (vector scaling, Guo et al. 2017, with this difference): the log-loss of all spans that have a
    probability of ``MIN_PROBABILITY`` or more without calibration is least, predicted or not. Answers
    are smoothed (Platt 1999): of r right spans each counts as right to (r + 1) / (r + 2), of w wrong ones
    each to 1 / (w + 2), so that a few spans that are all right do not make for certainty. Half the square of
    each offset is added (a normal prior of standard deviation 1), so that a label of few spans has an offset
    near 0.

    Raises ``DataError`` when no such span is known to be right or wrong.
    """
    known = [text for part in parts for text in _judged(*part, MAX_WORDS // len(parts))]
    if not known:
        raise DataError("the model finds no entity in these texts: nothing tells how sure it may be")
    right = np.concatenate([text.right for text in known])
    answers = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    names = known[0].exact.labels
    labels = {names[number] for text in known for number in text.spans[:, 2]}
    return _Fit(known, answers, sorted(labels)).best()


class _Fit:
    """The search for the calibration with the least loss, as a place: log(temperature), then the offsets."""

    def __init__(self, known: Sequence[JudgedSpan], answers: Float64, labels: Sequence[str]) -> None:
        self.known, self.answers, self.labels = known, answers, labels

    def best(self) -> Calibration:
        """Go from the best temperature without offsets to the best of both, by Fisher's scoring."""
        here = np.zeros(1 + len(self.labels))
        low, high = math.log(COOLEST), math.log(HOTTEST)
        here[0] = _least(lambda log_temperature: self.loss(np.array([log_temperature, *here[1:]])), low, high)
        loss = self.loss(here)
        for _ in range(MAX_STEPS):
            step = self._step(here)
            before = loss
            for _ in range(HALVINGS):
                there = here + step
                there[0] = min(max(there[0], low), high)
                if (reached := self.loss(there)) < loss:
                    here, loss = there, reached
                    break
                step = step / 2
            if before - loss <= CLOSE * before:
                break
        return self.at(here)

    def at(self, place: Float64) -> Calibration:
        """Return the calibration of a place."""
        degrees = min(max(math.exp(place[0]), COOLEST), HOTTEST)  # exp and log are not quite inverse
        return Calibration(degrees, dict(zip(self.labels, place[1:].tolist(), strict=True)))

    def loss(self, place: Float64) -> float:
        """Return what is to be least."""
        found, wanted = self._probabilities(place), self.answers
        loss = -(wanted * np.log(found) + (1 - wanted) * np.log1p(-found)).sum()
        return float(loss + (place[1:] ** 2).sum() / 2)

    def _step(self, place: Float64) -> Float64:
        """Return the step to the least loss, were log-odds linear (McCullagh & Nelder 1989)."""
        found = self._probabilities(place)
        odds = np.log(found) - np.log1p(-found)
        slopes = np.empty((len(found), len(place)))
        for number in range(len(place)):
            beside = place.copy()
            beside[number] += BESIDE
            there = self._probabilities(beside)
            slopes[:, number] = (np.log(there) - np.log1p(-there) - odds) / BESIDE
        prior = np.array([0.0, *np.ones(len(self.labels))])
        falls = slopes.T @ (self.answers - found) - prior * place
        curved = (slopes.T * (found * (1 - found))) @ slopes + np.diag(prior + FLAT)
        return np.asarray(np.linalg.solve(curved, falls), dtype=np.float64)

    def _probabilities(self, place: Float64) -> Float64:
        calibration = self.at(place)
        found = [text.exact.at(calibration).probabilities_at(text.spans) for text in self.known]
        return np.concatenate(found).clip(NEVER, 1 - NEVER)


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
        return -sum(one.at(Calibration(temperature)).log_mass(target) for one, target in known) / words

    best = loss(1.0)
    for ratio in (RATIO, 1 / RATIO):
        temperature, before = ratio, best
        while COOLEST <= temperature <= HOTTEST and (here := loss(temperature)) < best:
            best, temperature = here, temperature * ratio
        if best < before:
            break  # it falls to one side only
    return best


def _judged(learner: Learner, targets: Sequence[Target], most_words: int) -> list[JudgedSpan]:
    """Return the texts that have spans to judge; of more than ``most_words`` words, some evenly spread."""
    pieces = [piece for target in targets for piece in cut(target, PIECE) if len(piece.doc)]
    every = (
        _answers(piece, exact)
        for piece, exact in zip(pieces, learner.derivations([one.doc for one in pieces], 1.0), strict=True)
    )
    useful = [(piece, *known) for piece, known in zip(pieces, every, strict=True) if len(known[1])]
    words = sum(len(piece.doc) for piece, _, _ in useful)
    useful = useful[:: max(1, math.ceil(words / most_words))]
    # made anew for those that are chosen: kept for all of them, they would take much memory
    again = learner.derivations([piece.doc for piece, _, _ in useful], 1.0)
    return [JudgedSpan(exact, spans, right) for exact, (_, spans, right) in zip(again, useful, strict=True)]


def _answers(target: Target, exact: Derivations) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Return the spans that may be there, and whether they are, of those of which the target says it."""
    likely = exact.span_probabilities(least=MIN_PROBABILITY).spans
    spans = {
        target.doc.span(start, end, exact.labels[label]): row
        for row, (start, end, label) in enumerate(likely)
    }
    known = [(spans[span], right) for span, right in judged(target, spans)]
    rows = np.array([row for row, _ in known], dtype=np.intp)
    return likely[rows], np.array([right for _, right in known], dtype=np.bool_)


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
