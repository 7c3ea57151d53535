"""Prediction from encoded texts: their probable spans, and the best choice among them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.lattice.score_calibration import Calibration
from nerture.core.lattice.span_decoder import probable_spans
from nerture.core.network.network import Encoded
from nerture.core.text.doc import Span

if TYPE_CHECKING:
    import numpy.typing as npt

PREDICT_WORDS = 500  # words that are encoded at once: what a layer needs of them stays in the cache
LONG_TEXT = 8000  # a text of more words is predicted piece by piece
NEGLIGIBLE_MASS = 1e-3  # probability that may be left out in a text (in a long one, in a piece of it)
HALF = 0.5  # the default threshold
SEAM = 100  # words at the end of a piece among which the cut is chosen

Attributes: TypeAlias = "npt.NDArray[np.uint64]"
"""The hashed attributes of a doc's tokens, (N, F)."""
Rows: TypeAlias = "tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]"
"""Spans (M, 4): text, start, end, label; and their probabilities (M)."""


@dataclass(frozen=True, slots=True)
class ProbableSpans:
    """The spans of a text above some probability, which is their ``score``.

    Each is at least as probable as its score says, and at most by ``lost`` more.
    """

    spans: tuple[Span, ...]
    lost: float


NO_SPANS = ProbableSpans((), 0.0)
"""What is found in a text without a token."""


def decode(
    encoded: Encoded,
    bounds: npt.NDArray[np.int64],
    labels: Sequence[str],
    longest: int,
    *,
    least: float,
    decide: Calibration,
    report: Calibration,
    disjoint: bool,
) -> tuple[Rows, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the spans of an encoded batch, what was lost in each text, and P(nothing open) by token.

    They are the spans of a probability of ``least`` or more by the calibration ``decide``, or, with
    ``disjoint``, the best choice among them that do not overlap; their probabilities are those by the
    calibration ``report``. ``bounds`` (T + 1) are where the texts begin and the last one ends.
    """
    rows, masses, lost, nothing_open = probable_spans(
        decide.shifted(encoded.closed, labels),
        encoded.slots, encoded.open_weight, encoded.open_bias, bounds,
        longest, least, None, NEGLIGIBLE_MASS, decide.temperature,
    )  # fmt: skip
    if disjoint and least <= HALF:  # of two that overlap, one at most is above one half
        rows, masses = _without_overlaps(rows, masses, least)
    if len(rows) and report != decide:
        asked = np.zeros((len(encoded.closed), len(labels)), dtype=np.int32)
        begins = bounds[rows[:, 0]]
        np.maximum.at(asked, (begins + rows[:, 1], rows[:, 3]), (begins + rows[:, 2]).astype(np.int32))
        others, calibrated, lost, _ = probable_spans(
            report.shifted(encoded.closed, labels),
            encoded.slots, encoded.open_weight, encoded.open_bias, bounds,
            longest, np.inf, asked, NEGLIGIBLE_MASS, report.temperature,
        )  # fmt: skip
        by_span = dict(zip(map(tuple, others.tolist()), calibrated.tolist(), strict=True))
        masses = np.array([by_span[tuple(row)] for row in rows.tolist()])
    return (rows, masses), lost, nothing_open


def _without_overlaps(rows: npt.NDArray[np.int64], masses: npt.NDArray[np.float64], threshold: float) -> Rows:
    """Return the best choice of spans in each text of a batch."""
    # in order of their end, some overlap when one begins before its neighbour ends
    overlap = (rows[1:, 0] == rows[:-1, 0]) & (rows[1:, 1] < rows[:-1, 2])
    kept = np.ones(len(rows), dtype=np.bool_)
    for text in set(rows[1:, 0][overlap].tolist()):
        here = np.flatnonzero(rows[:, 0] == text)
        bounds = [(start, end) for start, end in rows[here, 1:3].tolist()]
        gains = (masses[here] - threshold).tolist()
        kept[here] = False
        kept[here[_best_set(bounds, gains)]] = True
    return rows[kept], masses[kept]


def best_disjoint(spans: Sequence[Span], thresholds: Mapping[str, float]) -> list[Span]:
    """Return the spans, none overlapping, whose sum of score - threshold is greatest, in order.

    ``spans`` come in order of their end, each with a score; ``thresholds`` has every label.
    """
    bounds = [(span.start, span.end) for span in spans]
    gains = [(span.score or 0.0) - thresholds[span.label] for span in spans]
    return [spans[index] for index in _best_set(bounds, gains)]


def _best_set(bounds: Sequence[tuple[int, int]], gains: Sequence[float]) -> list[int]:
    """Return which stretches, none overlapping, have the greatest sum of positive gains.

    ``bounds`` come in order of their end. Weighted interval scheduling (Kleinberg & Tardos 2005, 6.1).
    """
    worth = [index for index, gain in enumerate(gains) if gain > 0]
    ends = [bounds[index][1] for index in worth]
    best = [0.0]
    for place, index in enumerate(worth):
        before = best[bisect_right(ends, bounds[index][0], hi=place)]
        best.append(max(best[-1], before + gains[index]))
    chosen = []
    place = len(worth)
    while place:
        place -= 1
        if best[place + 1] > best[place]:
            chosen.append(worth[place])
            place = bisect_right(ends, bounds[worth[place]][0], hi=place)
    return chosen[::-1]
