"""Fits the calibration of a learner's probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.targets.splitting import split_target
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.evaluation.reliability import Reliability
from nerture.evaluation.scorer import judge_spans

if TYPE_CHECKING:
    import numpy.typing as npt

Float64: TypeAlias = "npt.NDArray[np.float64]"

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.1, 10.0
"""The range of temperatures."""

MAX_PIECE_WORDS = 500  # longer texts are split, as in training
MIN_PROBABILITY = 0.01  # before calibration; less likely spans are never reported
MAX_WORDS = 50_000  # of texts with spans to judge; from more, evenly spaced texts are taken
TEMPERATURE_RATIO = 1.2  # between neighbouring temperatures that are tried for the loss of whole texts
GRID_SIZE = 13  # temperatures that are tried first
PRECISION = 0.005  # of the logarithm of the temperature
GOLDEN = (math.sqrt(5) - 1) / 2
MAX_STEPS, HALVINGS = 20, 5  # steps of the optimization; a step that does not descend is halved so often
MIN_GAIN = 1e-7  # relative to the loss; a step that gains less is the last
DIFFERENCE = 1e-4  # of a parameter, for numerical derivatives
RIDGE = 1e-6  # added to the diagonal, as derivatives can be 0
MIN_CLIPPED = 1e-12  # probabilities are clipped to it, so that the loss of a wrong certainty is finite


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The old and new calibration, and the reliability of the probabilities before and after."""

    old: Calibration
    new: Calibration
    texts: int
    before: Reliability
    after: Reliability

    def as_dict(self) -> dict[str, Any]:
        """Return the result as ``--json`` prints it."""
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


class JudgedText(NamedTuple):
    """A text's derivations without calibration, and its spans that are known to be right or wrong.

    ``spans`` int32 (M, 3): start, end, number of the label; ``right`` bool (M).
    """

    exact: Derivations
    spans: npt.NDArray[np.int32]
    right: npt.NDArray[np.bool_]


def fit_calibration(parts: Sequence[tuple[Learner, Sequence[Target]]]) -> Calibration:
    """Return the temperature, from 0.1 to 10, and the labels' offsets that calibrate spans best.

    A part is a learner and texts that it was not trained on. Usually there is one; after cross-validation,
    one calibration is fitted for the learners of all parts.

    This is vector scaling (Guo et al. 2017), but of the probability of a span, summed over all derivations,
    instead of that of a single action: it minimizes the log-loss of all spans, predicted or not, with a
    probability of ``MIN_PROBABILITY`` or more before calibration. Labels are smoothed (Platt 1999): with r
    right spans and w wrong ones, a right span counts as right by (r + 1) / (r + 2), a wrong one by
    1 / (w + 2), so that a few spans that are all right do not lead to certainty. Half the square of each
    offset is added (a normal prior with standard deviation 1), so that a label with few spans has an offset
    near 0.

    Raises ``DataError`` if no such span is known to be right or wrong.
    """
    texts = [text for part in parts for text in _judge_texts(*part, MAX_WORDS // len(parts))]
    if not texts:
        raise DataError("the model finds no entity in these texts; calibration needs some")
    right = np.concatenate([text.right for text in texts])
    answers = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    names = texts[0].exact.labels
    labels = {names[number] for text in texts for number in text.spans[:, 2]}
    return _Fit(texts, answers, sorted(labels)).minimize()


class _Fit:
    """Minimizes the loss over ``point``: log(temperature), then the offsets."""

    def __init__(self, texts: Sequence[JudgedText], answers: Float64, labels: Sequence[str]) -> None:
        self.texts, self.answers, self.labels = texts, answers, labels

    def minimize(self) -> Calibration:
        """Find the best temperature without offsets, then the best of both by Fisher's scoring."""
        point = np.zeros(1 + len(self.labels))
        low, high = math.log(MIN_TEMPERATURE), math.log(MAX_TEMPERATURE)
        point[0] = _minimize(lambda value: self.loss(np.array([value, *point[1:]])), low, high)
        loss = self.loss(point)
        for _ in range(MAX_STEPS):
            step = self._step(point)
            before = loss
            for _ in range(HALVINGS):
                next_point = point + step
                next_point[0] = min(max(next_point[0], low), high)
                if (next_loss := self.loss(next_point)) < loss:
                    point, loss = next_point, next_loss
                    break
                step = step / 2
            if before - loss <= MIN_GAIN * before:
                break
        return self.at(point)

    def at(self, point: Float64) -> Calibration:
        """Return the calibration at a point."""
        # exp and log are not exactly inverse
        temperature = min(max(math.exp(point[0]), MIN_TEMPERATURE), MAX_TEMPERATURE)
        return Calibration(temperature, dict(zip(self.labels, point[1:].tolist(), strict=True)))

    def loss(self, point: Float64) -> float:
        """Return the log-loss, with the prior of the offsets."""
        p, answers = self._probabilities(point), self.answers
        loss = -(answers * np.log(p) + (1 - answers) * np.log1p(-p)).sum()
        return float(loss + (point[1:] ** 2).sum() / 2)

    def _step(self, point: Float64) -> Float64:
        """Return the step to the minimum if log-odds were linear (McCullagh & Nelder 1989)."""
        p = self._probabilities(point)
        log_odds = np.log(p) - np.log1p(-p)
        derivatives = np.empty((len(p), len(point)))
        for number in range(len(point)):
            moved = point.copy()
            moved[number] += DIFFERENCE
            q = self._probabilities(moved)
            derivatives[:, number] = (np.log(q) - np.log1p(-q) - log_odds) / DIFFERENCE
        prior = np.array([0.0, *np.ones(len(self.labels))])
        gradient = derivatives.T @ (self.answers - p) - prior * point
        information = (derivatives.T * (p * (1 - p))) @ derivatives + np.diag(prior + RIDGE)
        return np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)

    def _probabilities(self, point: Float64) -> Float64:
        calibration = self.at(point)
        probabilities = [
            text.exact.with_calibration(calibration).probabilities_at(text.spans) for text in self.texts
        ]
        return np.concatenate(probabilities).clip(MIN_CLIPPED, 1 - MIN_CLIPPED)


def calibrated_loss(learner: Learner, targets: Sequence[Target]) -> float:
    """Return -log of the probability of what is known about some texts, per word, at the best temperature.

    The temperature is found step by step from 1. So a learner is evaluated by how well it discriminates, and
    not by how sure it is overall, which a temperature corrects. Raises ``ConflictError`` if nothing agrees
    with a target.
    """
    exact = learner.derivations([target.doc for target in targets], 1.0)
    pairs = list(zip(exact, targets, strict=True))
    words = sum(len(target.doc) for target in targets)

    def loss(temperature: float) -> float:
        return (
            -sum(text.with_calibration(Calibration(temperature)).log_mass(target) for text, target in pairs)
            / words
        )

    best = loss(1.0)
    for ratio in (TEMPERATURE_RATIO, 1 / TEMPERATURE_RATIO):
        temperature, before = ratio, best
        while MIN_TEMPERATURE <= temperature <= MAX_TEMPERATURE and (value := loss(temperature)) < best:
            best, temperature = value, temperature * ratio
        if best < before:
            break  # the loss descends in one direction only
    return best


def _judge_texts(learner: Learner, targets: Sequence[Target], max_words: int) -> list[JudgedText]:
    """Return the texts with spans to judge; from more than ``max_words`` words, evenly spaced texts."""
    pieces = [
        piece for target in targets for piece in split_target(target, MAX_PIECE_WORDS) if len(piece.doc)
    ]
    derivations = learner.derivations([piece.doc for piece in pieces], 1.0)
    judged = (_judge_likely_spans(piece, exact) for piece, exact in zip(pieces, derivations, strict=True))
    useful = [(piece, *known) for piece, known in zip(pieces, judged, strict=True) if len(known[1])]
    words = sum(len(piece.doc) for piece, _, _ in useful)
    useful = useful[:: max(1, math.ceil(words / max_words))]
    # the derivations of all texts would take much memory, so those of the chosen texts are made again
    chosen = learner.derivations([piece.doc for piece, _, _ in useful], 1.0)
    return [JudgedText(exact, spans, right) for exact, (_, spans, right) in zip(chosen, useful, strict=True)]


def _judge_likely_spans(
    target: Target, exact: Derivations
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Return the likely spans that the target knows to be right or wrong, and whether they are right."""
    likely = exact.span_probabilities(least=MIN_PROBABILITY).spans
    spans = {
        target.doc.span(start, end, exact.labels[label]): row
        for row, (start, end, label) in enumerate(likely)
    }
    known = [(spans[span], right) for span, right in judge_spans(target, spans)]
    rows = np.array([row for row, _ in known], dtype=np.intp)
    return likely[rows], np.array([right for _, right in known], dtype=np.bool_)


def _minimize(loss: Callable[[float], float], low: float, high: float) -> float:
    """Return where the loss is lowest: the best of a grid, refined by golden sections (Kiefer 1953)."""
    step = (high - low) / (GRID_SIZE - 1)
    best = min((low + number * step for number in range(GRID_SIZE)), key=loss)
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
