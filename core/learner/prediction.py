"""Prediction from encoded texts: probable spans, and the best disjoint choice among them."""

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

PREDICT_WORDS = 500  # words that are encoded at once, so that a layer's data stays in the CPU cache
LONG_TEXT = 8000  # texts of more words are predicted piece by piece
NEGLIGIBLE_MASS = 1e-3  # probability that may be lost in a text (in a long one, in each piece)
HALF = 0.5  # the default threshold
SEAM = 100  # words at the end of a piece among which the split is chosen

Attributes: TypeAlias = "npt.NDArray[np.uint64]"
"""The hashed attributes of a doc's tokens, (N, F)."""
Rows: TypeAlias = "tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]"
"""Spans (M, 4): text, start, end, label; and their probabilities (M)."""


@dataclass(frozen=True, slots=True)
class ProbableSpans:
    """The spans of a text above some probability, with their probability as ``score``.

    The true probability of each is between its score and its score plus ``lost``.
    """

    spans: tuple[Span, ...]
    lost: float


NO_SPANS = ProbableSpans((), 0.0)
"""The spans of a text without tokens."""


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
    """Return the spans of an encoded batch, the probability lost in each text, P(nothing open) by token.

    These are the spans of a probability of ``least`` or more by the calibration ``decide`` or, with
    ``disjoint``, the best disjoint choice among them; their probabilities are those by the calibration
    ``report``. ``bounds`` (T+1) are where the texts begin and the last one ends.
    """
    rows, masses, lost, nothing_open = probable_spans(
        decide.apply_offsets(encoded.closed, labels),
        encoded.slots, encoded.open_weight, encoded.open_bias, bounds,
        longest, least, None, NEGLIGIBLE_MASS, decide.temperature,
    )  # fmt: skip
    if (
        disjoint and len(rows) > 1 and least <= HALF
    ):  # of two overlapping spans, at most one is above one half
        rows, masses = _drop_overlaps(rows, masses, least)
    if len(rows) and report != decide:
        requested = np.zeros((len(encoded.closed), len(labels)), dtype=np.int32)
        begins = bounds[rows[:, 0]]
        np.maximum.at(requested, (begins + rows[:, 1], rows[:, 3]), (begins + rows[:, 2]).astype(np.int32))
        recomputed, calibrated, lost, _ = probable_spans(
            report.apply_offsets(encoded.closed, labels),
            encoded.slots, encoded.open_weight, encoded.open_bias, bounds,
            longest, np.inf, requested, NEGLIGIBLE_MASS, report.temperature,
        )  # fmt: skip
        by_span = dict(zip(map(tuple, recomputed.tolist()), calibrated.tolist(), strict=True))
        masses = np.array([by_span[tuple(row)] for row in rows.tolist()])
    return (rows, masses), lost, nothing_open


def _drop_overlaps(rows: npt.NDArray[np.int64], masses: npt.NDArray[np.float64], threshold: float) -> Rows:
    """Return the best disjoint choice of spans in each text of a batch."""
    # the spans are in order of their end: if any overlap, so do two neighbours
    overlap = (rows[1:, 0] == rows[:-1, 0]) & (rows[1:, 1] < rows[:-1, 2])
    kept = np.ones(len(rows), dtype=np.bool_)
    for text in set(rows[1:, 0][overlap].tolist()):
        indices = np.flatnonzero(rows[:, 0] == text)
        bounds = [(start, end) for start, end in rows[indices, 1:3].tolist()]
        gains = (masses[indices] - threshold).tolist()
        kept[indices] = False
        kept[indices[_choose_best_set(bounds, gains)]] = True
    return rows[kept], masses[kept]


def choose_best_disjoint(spans: Sequence[Span], thresholds: Mapping[str, float]) -> list[Span]:
    """Return the disjoint spans whose sum of score - threshold is greatest, in order.

    ``spans`` are in order of their end, each with a score; ``thresholds`` has every label.
    """
    bounds = [(span.start, span.end) for span in spans]
    gains = [(span.score or 0.0) - thresholds[span.label] for span in spans]
    return [spans[index] for index in _choose_best_set(bounds, gains)]


def _choose_best_set(bounds: Sequence[tuple[int, int]], gains: Sequence[float]) -> list[int]:
    """Return the indices of the disjoint intervals with the greatest sum of positive gains.

    ``bounds`` are in order of their end. Weighted interval scheduling (Kleinberg & Tardos 2005, 6.1).
    """
    candidates = [index for index, gain in enumerate(gains) if gain > 0]
    ends = [bounds[index][1] for index in candidates]
    best = [0.0]
    for position, index in enumerate(candidates):
        compatible = best[bisect_right(ends, bounds[index][0], hi=position)]
        best.append(max(best[-1], compatible + gains[index]))
    chosen = []
    position = len(candidates)
    while position:
        position -= 1
        if best[position + 1] > best[position]:
            chosen.append(candidates[position])
            position = bisect_right(ends, bounds[candidates[position]][0], hi=position)
    return chosen[::-1]
