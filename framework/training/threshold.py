"""The probability above which spans are predicted, chosen on held-out texts."""

from __future__ import annotations

from collections.abc import Callable

from nerture.evaluation.scorer import Report

MAX_THRESHOLD, MIN_THRESHOLD = 0.5, 0.1
"""Spans above 0.5 are always predicted; spans below 0.1 never are."""
ROUNDS = 3
"""After these the threshold hardly changes any more."""


def find_best_threshold(evaluate: Callable[[float], Report]) -> tuple[float, Report]:
    """Return half the best F1 on the held-out texts as the threshold, and the report at it.

    ``evaluate`` evaluates on them at a threshold; the last call is with the threshold that is returned. The
    expected F1 is highest if every span is predicted whose probability is above half that F1: in a hard task
    also spans of a probability below 0.5 (Lipton et al. 2014, "Optimal thresholding of classifiers to
    maximize F1"). F1 and threshold are updated in turn, as in Dinkelbach (1967, "On nonlinear fractional
    programming"). Half the F1 depends far less on the chance of a small held-out set than the threshold with
    the highest score on it.
    """
    threshold, best = MAX_THRESHOLD, 0.0
    for _ in range(ROUNDS):
        best = max(best, evaluate(threshold).f1)
        threshold = min(max(best / 2, MIN_THRESHOLD), MAX_THRESHOLD)
    return threshold, evaluate(threshold)
