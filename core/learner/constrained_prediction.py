"""Prediction where something is known of the text already: the best choice among what agrees with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from nerture.core.errors import DataError
from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import SEAM, best_disjoint
from nerture.core.targets.splitting import piece_of
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

PIECE = 2000  # words; a longer text is computed piece by piece, or its lattice would need too much memory


def predict_given(
    learner: Learner, target: Target, thresholds: Mapping[str, float] | None = None
) -> list[Span]:
    """Return the entities of the target's text, in order, given that the target is right.

    They are chosen as ``Learner.predict`` chooses, by probabilities given the target, which are the spans'
    ``score``; the target's own spans are always there. Raises ``ConflictError`` when no derivation agrees
    with the target, and ``DataError`` for a known span of more tokens than an entity of this learner can
    have.
    """
    _check_lengths(learner, target)
    decide = UNCHANGED if thresholds is None else learner.calibration
    limits = {label: (thresholds or {}).get(label, learner.threshold) for label in learner.labels}
    found: list[Span] = []
    for begin, cut, known, exact in _pieces(learner, target):
        there = set(known.spans)
        at_choice = _probable(exact.at(decide), known, min(limits.values()))
        free = best_disjoint([span for span in at_choice if span not in there], limits)
        chosen = sorted(there.union(free), key=lambda span: span.start)
        reported = exact.at(learner.calibration).probabilities_of(chosen, known).tolist()
        found += [
            Span(begin + span.start, begin + span.end, span.label, score, doc=target.doc)
            for span, score in zip(chosen, reported, strict=True)
            if begin + span.end <= cut
        ]
    return found


def probable_given(
    learner: Learner, target: Target, least: float, temperature: float | None = None
) -> list[Span]:
    """Return the spans of the target's text that have a probability of ``least`` or more, given the target.

    They are in order of their end, may overlap, and have that probability as ``score``, calibrated unless a
    ``temperature`` is given to divide the scores by. A text of more than ``PIECE`` words is cut where most
    likely nothing is open; what would be open there is left out. Raises what ``predict_given`` raises.
    """
    _check_lengths(learner, target)
    calibration = learner.calibration if temperature is None else Calibration(temperature)
    return [
        Span(begin + span.start, begin + span.end, span.label, span.score, doc=target.doc)
        for begin, cut, known, exact in _pieces(learner, target)
        for span in _probable(exact.at(calibration), known, least)
        if begin + span.end <= cut
    ]


def _check_lengths(learner: Learner, target: Target) -> None:
    """Raise ``DataError`` for a known span of more tokens than an entity of this learner can have."""
    for span in target.spans:
        if len(span) > learner.longest:
            raise DataError(
                f"{span} has {len(span)} tokens; entities of this model have at most {learner.longest}",
                target.origin,
            )


def _probable(exact: Derivations, known: Target, least: float) -> list[Span]:
    """Return the spans of a piece that have a probability of ``least`` or more, in order of their end."""
    told = exact.span_probabilities(known, least)
    rows = zip(told.spans.tolist(), told.probabilities.tolist(), strict=True)
    spans = [
        Span(start, end, told.labels[label], share, doc=known.doc) for (start, end, label), share in rows
    ]
    return sorted(spans, key=lambda span: span.end)


def _pieces(learner: Learner, target: Target) -> Iterator[tuple[int, int, Target, Derivations]]:
    """Yield (begin, cut, what is known, uncalibrated derivations) of each piece of the text.

    A piece has as much context as the network sees. The next one begins at ``cut``, where, near the end of
    this one, most likely nothing is open, given what is known.
    """
    doc = target.doc
    table = learner.attributes(doc)
    reach = learner.network.reach
    begin = 0
    while begin < len(doc):
        end = min(begin + PIECE, len(doc))
        end = max([end, *(span.end for span in target.spans if span.start < end)])
        left, right = max(0, begin - reach), min(end + reach, len(doc))
        closed, open_, _, _ = learner.network.scores(learner.batch([table[left:right]]), learner.longest)
        inside = slice(begin - left, end - left)
        exact = Derivations(closed[inside], open_[inside], learner.labels)
        known = piece_of(target, begin, end)
        cut = end if end == len(doc) else begin + _seam(exact, known)
        yield begin, cut, known, exact
        begin = cut


def _seam(exact: Derivations, known: Target) -> int:
    """Return the place near the end of a piece where an entity is least likely to go on."""
    told = exact.span_probabilities(known)
    opened = np.zeros(len(known.doc) + 1)
    np.add.at(opened, told.spans[:, 0] + 1, told.probabilities)
    np.add.at(opened, told.spans[:, 1], -told.probabilities)
    nearest = len(known.doc) - max(SEAM, exact.longest + 1)
    return nearest + int(np.argmin(np.cumsum(opened)[nearest : len(known.doc)]))
