"""Prediction: the probable spans of texts, and the best choice among them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.batching import by_words
from nerture.core.calibration import Calibration
from nerture.core.doc import Doc, Span
from nerture.core.network import Encoded
from nerture.core.span_decoder import probable_spans

if TYPE_CHECKING:
    import numpy.typing as npt

    from nerture.core.learner import Learner

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


@dataclass(frozen=True, slots=True)
class Request:
    """Which spans are wanted: those above ``least`` by one calibration; reported is that by another.

    With ``disjoint`` it is the best choice among them that do not overlap.
    """

    least: float
    decide: Calibration
    report: Calibration
    disjoint: bool = False


def probable(
    learner: Learner, docs: Sequence[Doc], request: Request, tables: Sequence[Attributes] | None = None
) -> list[ProbableSpans]:
    """Return the wanted spans of each doc, in order of their end; ``tables`` are the docs' attributes."""
    found = [ProbableSpans((), 0.0) for _ in docs]

    def table(index: int) -> Attributes:
        return learner.attributes(docs[index]) if tables is None else tables[index]

    short = [index for index, doc in enumerate(docs) if 0 < len(doc) <= LONG_TEXT]
    for index, doc in enumerate(docs):
        if len(doc) > LONG_TEXT:
            found[index] = _probable_in_long(learner, doc, table(index), request)
    for chosen in by_words([len(docs[index]) for index in short], PREDICT_WORDS):
        places = [short[place] for place in chosen]
        batch = learner.batch([table(index) for index in places])
        encoded = learner.network.encode(batch)
        (rows, masses), lost, _ = _decoded(learner, encoded, batch.bounds, request)
        spans: list[list[Span]] = [[] for _ in places]
        for (text, start, end, label), mass in zip(rows.tolist(), masses.tolist(), strict=True):
            spans[text].append(Span(start, end, learner.labels[label], mass, doc=docs[places[text]]))
        for text, index in enumerate(places):
            found[index] = ProbableSpans(tuple(spans[text]), float(lost[text]))
    return found


def _decoded(
    learner: Learner, encoded: Encoded, bounds: npt.NDArray[np.int64], request: Request
) -> tuple[Rows, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return an encoded batch's wanted spans, what was lost in each text, and P(nothing open) by token."""

    def decode(
        least: float, calibration: Calibration, wanted: npt.NDArray[np.int32] | None = None
    ) -> tuple[Rows, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        rows, masses, lost, nothing_open = probable_spans(
            calibration.shifted(encoded.closed, learner.labels),
            encoded.slots, encoded.open_weight, encoded.open_bias, bounds,
            learner.longest, least, wanted, NEGLIGIBLE_MASS, calibration.temperature,
        )  # fmt: skip
        return (rows, masses), lost, nothing_open

    (rows, masses), lost, nothing_open = decode(request.least, request.decide)
    if request.disjoint and request.least <= HALF:  # of two that overlap, one at most is above one half
        rows, masses = _without_overlaps(rows, masses, request.least)
    if request.report != request.decide and len(rows):
        wanted = np.zeros((len(encoded.closed), len(learner.labels)), dtype=np.int32)
        begins = bounds[rows[:, 0]]
        np.maximum.at(wanted, (begins + rows[:, 1], rows[:, 3]), (begins + rows[:, 2]).astype(np.int32))
        (others, calibrated), lost, _ = decode(np.inf, request.report, wanted)
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


def _probable_in_long(learner: Learner, doc: Doc, table: Attributes, request: Request) -> ProbableSpans:
    """Go piece by piece: a token's scores depend on what is near, and so, nearly, do its probabilities.

    Each piece is encoded with as much context as the network sees. The next one begins where, near the end of
    this one, most likely nothing is open; the probability of the contrary is counted as lost.
    """
    reach = learner.network.reach
    begin, lost = 0, 0.0
    found: list[Span] = []
    while begin < len(doc):
        end = min(begin + PREDICT_WORDS, len(doc))
        left, right = max(0, begin - reach), min(end + reach, len(doc))
        encoded = learner.network.encode(learner.batch([table[left:right]]))
        here = encoded.piece(begin - left, end - left)
        bounds = np.array([0, end - begin], dtype=np.int64)
        (rows, masses), dropped, nothing_open = _decoded(learner, here, bounds, request)
        cut = end
        if end < len(doc):
            # the last token but one: entities cannot go on at the piece's own last token
            nearest = max(1, end - begin - SEAM)
            cut = begin + nearest + int(np.argmax(nothing_open[nearest:]))
            lost += 1 - float(nothing_open[cut - begin])
        lost += float(dropped[0])
        found += [
            Span(begin + start, begin + finish, learner.labels[label], mass, doc=doc)
            for (_, start, finish, label), mass in zip(rows.tolist(), masses.tolist(), strict=True)
            if begin + finish <= cut
        ]
        begin = cut
    return ProbableSpans(tuple(found), lost)


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
