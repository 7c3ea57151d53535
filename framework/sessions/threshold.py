"""The threshold at which the expected F1 is greatest, without a text to evaluate on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

LOWEST, HIGHEST = 0.25, 0.5
"""Thresholds that are thought of: below, spans that overlap would crowd each other out."""


def expected_best_threshold(probabilities: Iterable[float]) -> float:
    """Return the threshold for spans of these probabilities, between ``LOWEST`` and ``HIGHEST``.

    If the probabilities are true, the k most probable spans have an expected F1 of about 2 * (the sum of
    theirs) / (k + the sum of all); it is greatest where those above half of that greatest F1 are found
    (Lewis 1995; Lipton et al. 2014).
    """
    ordered = np.sort(np.fromiter(probabilities, dtype=np.float64))[::-1]
    if not len(ordered):
        return HIGHEST
    expected = 2 * np.cumsum(ordered) / (np.arange(1, len(ordered) + 1) + ordered.sum())
    return float(min(max(expected.max() / 2, LOWEST), HIGHEST))
