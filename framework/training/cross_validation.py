"""Cross-validation: every text evaluates a learner that was not trained on it."""

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
from nerture.training.threshold import find_best_threshold


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """The result for a learner of all texts: a threshold, a calibration, and how good such learners are.

    ``report`` is over all texts, each with the predictions of the learner that was not trained on it; ``f1``
    is that of each part.
    """

    threshold: float
    calibration: Calibration
    report: Report
    f1: tuple[float, ...]


def cross_validate(
    parts: Sequence[tuple[Learner, Sequence[Target]]], constraints: Constraints
) -> CrossValidated:
    """Fit one threshold and one calibration for the learners of all parts, and evaluate them with these.

    A part is a learner and the texts that it was not trained on (Stone 1974; for fitting a calibration, Platt
    1999). If these are not complete for all labels, so that wrong spans may be unknown, threshold and
    calibration stay those of the first learner.
    """
    first = parts[0][0]
    complete = all(
        target.is_complete_for(label) for _, targets in parts for target in targets for label in first.labels
    )
    threshold, calibration = first.threshold, first.calibration
    if complete:
        threshold, _ = find_best_threshold(lambda value: _evaluate(parts, constraints, value, calibration))
        for learner, _ in parts:
            learner.threshold = threshold
        with suppress(DataError):  # no span is predicted, so there is nothing to calibrate
            calibration = fit_calibration(parts)
    report = _evaluate(parts, constraints, threshold, calibration)
    f1 = tuple(_evaluate([part], constraints, threshold, calibration).f1 for part in parts)
    return CrossValidated(threshold, calibration, report, f1)


def _evaluate(
    parts: Sequence[tuple[Learner, Sequence[Target]]],
    constraints: Constraints,
    threshold: float,
    calibration: Calibration,
) -> Report:
    started = perf_counter()
    evaluated: list[Target] = []
    predictions: list[list[Span]] = []
    for learner, targets in parts:
        learner.threshold, learner.calibration = threshold, calibration
        evaluated += targets
        predictions += ConstrainedLearner(learner, constraints).predict([target.doc for target in targets])
    return score(evaluated, predictions, parts[0][0].labels, perf_counter() - started)
