"""Cross-validation: what all texts tell of a model, each judged by a learner that has not learned from it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span
from nerture.errors import DataError
from nerture.evaluation.calibration import fit_calibration
from nerture.evaluation.scorer import Report, score
from nerture.models.constrained_learner import ConstrainedLearner
from nerture.models.rules import Constraints
from nerture.training.threshold import best_threshold


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """What goes for a learner of all texts: a threshold, a calibration, and how good such learners are.

    ``report`` is over all texts, each judged by the learner of its part; ``f1`` is that of each part.
    """

    threshold: float
    calibration: Calibration
    report: Report
    f1: tuple[float, ...]


def cross_validate(
    parts: Sequence[tuple[Learner, Sequence[Target]]], constraints: Constraints
) -> CrossValidated:
    """Settle one threshold and one calibration for the learners of all parts, and evaluate them with these.

    A part is a learner and the texts that it has not learned from (Stone 1974; that a calibration is to be
    fitted so, Platt 1999). Where these are not complete for all labels, as wrong spans may then be unknown,
    threshold and calibration stay as the first learner has them.
    """
    first = parts[0][0]
    complete = all(
        target.complete_for(label) for _, targets in parts for target in targets for label in first.labels
    )
    threshold, calibration = first.threshold, first.calibration
    if complete:
        threshold, _ = best_threshold(lambda tried: _report(parts, constraints, tried, calibration))
        for learner, _ in parts:
            learner.threshold = threshold
        with suppress(DataError):  # nothing is found, and there is nothing to calibrate
            calibration = fit_calibration(parts)
    report = _report(parts, constraints, threshold, calibration)
    each = tuple(_report([part], constraints, threshold, calibration).f1 for part in parts)
    return CrossValidated(threshold, calibration, report, each)


def _report(
    parts: Sequence[tuple[Learner, Sequence[Target]]],
    constraints: Constraints,
    threshold: float,
    calibration: Calibration,
) -> Report:
    started = perf_counter()
    judged: list[Target] = []
    predictions: list[list[Span]] = []
    for learner, targets in parts:
        learner.threshold, learner.calibration = threshold, calibration
        judged += targets
        predictions += ConstrainedLearner(learner, constraints).predict([target.doc for target in targets])
    return score(judged, predictions, parts[0][0].labels, perf_counter() - started)
