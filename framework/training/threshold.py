"""The probability from which on spans are predicted, settled on held-out texts."""

from __future__ import annotations

from collections.abc import Callable

from nerture.evaluation.scorer import Report

MAX_THRESHOLD, MIN_THRESHOLD = (
    0.5,
    0.1,
)  # a span likelier there than not is always found; one of 1 in 10, never by default
ROUNDS = 3  # the threshold hardly moves any more


def best_threshold(scored: Callable[[float], Report]) -> tuple[float, Report]:
    """Return half the best F1 of the held-out texts as the threshold, and the report at it.

    ``scored`` evaluates on them at a threshold; it is called with the one that is returned last.
    The expected F1 is greatest where every span is predicted that is likelier than half that F1: a hard task
    asks for spans that are likelier not there than there (Lipton et al. 2014, "Optimal thresholding of
    classifiers to maximize F1"). F1 and threshold are settled in turn, as by Dinkelbach (1967, "On nonlinear
    fractional programming"). Half a score depends far less on the chance of a small held-out set than the
    threshold at which that score happens to be highest.
    """
    threshold, best = MAX_THRESHOLD, 0.0
    for _ in range(ROUNDS):
        best = max(best, scored(threshold).f1)
        threshold = min(max(best / 2, MIN_THRESHOLD), MAX_THRESHOLD)
    return threshold, scored(threshold)
