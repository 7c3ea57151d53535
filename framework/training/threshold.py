"""The probability from which on spans are predicted, chosen on held-out texts."""

from __future__ import annotations

from collections.abc import Callable

from nerture.core.learner import Learner
from nerture.scorer import Report

USUAL, OTHERS = 0.5, (0.4, 0.3, 0.2)
WORTH = 0.01  # of F1: a smaller gain on held-out texts is taken for noise


def best_threshold(learner: Learner, scored: Callable[[Learner], Report]) -> Report:
    """Set the learner's threshold to the one of the best F1, and return the report at it.

    Where most entities are hard to find, F1 asks for spans that are likelier not there than there: the best
    threshold is half the best F1 (Lipton et al. 2014, "Optimal thresholding of classifiers to maximize F1").
    Any but 0.5 has to gain a point, so that small held-out sets do not decide by chance.
    """
    learner.threshold = USUAL
    usual = best = scored(learner)
    chosen = USUAL
    for threshold in OTHERS:
        learner.threshold = threshold
        report = scored(learner)
        if report.f1 > max(best.f1, usual.f1 + WORTH):
            best, chosen = report, threshold
    learner.threshold = chosen
    return best
