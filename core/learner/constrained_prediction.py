"""Prediction given a target: the best choice among the analyses that agree with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from nerture.core.errors import DataError
from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import SEAM, choose_best_disjoint
from nerture.core.targets.splitting import slice_target
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

PIECE = 2000  # words; longer texts are split, since their lattices would need too much memory


def predict_given(
    learner: Learner, target: Target, thresholds: Mapping[str, float] | None = None
) -> list[Span]:
    """Return the entities of the target's text, in order, given that the target is right.

    They are chosen as in ``Learner.predict``, by probabilities given the target, which become the spans'
    ``score``; the target's own spans are always included. Raises ``ConflictError`` if no derivation agrees
    with the target, and ``DataError`` for a known span of more tokens than entities of this learner can have.
    """
    _check_lengths(learner, target)
    decide = UNCHANGED if thresholds is None else learner.calibration
    limits = {label: (thresholds or {}).get(label, learner.threshold) for label in learner.labels}
    spans: list[Span] = []
    for begin, cut, known, exact in _split(learner, target):
        certain = set(known.spans)
        probable = _find_probable(exact.with_calibration(decide), known, min(limits.values()))
        free = choose_best_disjoint([span for span in probable if span not in certain], limits)
        chosen = sorted(certain.union(free), key=lambda span: span.start)
        scores = exact.with_calibration(learner.calibration).probabilities_of(chosen, known).tolist()
        spans += [
            Span(begin + span.start, begin + span.end, span.label, score, doc=target.doc)
            for span, score in zip(chosen, scores, strict=True)
            if begin + span.end <= cut
        ]
    return spans


def probable_spans_given(
    learner: Learner, target: Target, least: float, temperature: float | None = None
) -> list[Span]:
    """Return the spans of the target's text that have a probability of ``least`` or more, given the target.

    They are in order of their end, may overlap, and have that probability as ``score``, calibrated unless a
    ``temperature`` is given to divide the scores by. A text of more than ``PIECE`` words is split where an
    entity is least likely to be open; spans across a split are left out. Raises as ``predict_given`` does.
    """
    _check_lengths(learner, target)
    calibration = learner.calibration if temperature is None else Calibration(temperature)
    return [
        Span(begin + span.start, begin + span.end, span.label, span.score, doc=target.doc)
        for begin, cut, known, exact in _split(learner, target)
        for span in _find_probable(exact.with_calibration(calibration), known, least)
        if begin + span.end <= cut
    ]


def _check_lengths(learner: Learner, target: Target) -> None:
    """Raise ``DataError`` for a known span of more tokens than entities of this learner can have."""
    for span in target.spans:
        if len(span) > learner.longest:
            raise DataError(
                f"{span}: expected at most {learner.longest} tokens (max_entity_tokens), got {len(span)}",
                target.origin,
            )


def _find_probable(exact: Derivations, known: Target, least: float) -> list[Span]:
    """Return the spans of a piece that have a probability of ``least`` or more, in order of their end."""
    posterior = exact.span_probabilities(known, least)
    rows = zip(posterior.spans.tolist(), posterior.probabilities.tolist(), strict=True)
    spans = [
        Span(start, end, posterior.labels[label], share, doc=known.doc) for (start, end, label), share in rows
    ]
    return sorted(spans, key=lambda span: span.end)


def _split(learner: Learner, target: Target) -> Iterator[tuple[int, int, Target, Derivations]]:
    """Yield (begin, cut, target, uncalibrated derivations) of each piece of the text.

    A piece is encoded with as much context as the network sees. The next piece begins at ``cut``, the
    position near the end of this one where an entity is least likely to be open, given the target.
    """
    doc = target.doc
    table = learner.attributes(doc)
    context = learner.network.receptive_field
    begin = 0
    while begin < len(doc):
        end = min(begin + PIECE, len(doc))
        end = max([end, *(span.end for span in target.spans if span.start < end)])
        left, right = max(0, begin - context), min(end + context, len(doc))
        closed, open_, _, _ = learner.network.scores(learner.batch([table[left:right]]), learner.longest)
        inside = slice(begin - left, end - left)
        exact = Derivations(closed[inside], open_[inside], learner.labels)
        known = slice_target(target, begin, end)
        cut = end if end == len(doc) else begin + _find_seam(exact, known)
        yield begin, cut, known, exact
        begin = cut


def _find_seam(exact: Derivations, known: Target) -> int:
    """Return the position near the end of a piece where an entity is least likely to be open."""
    posterior = exact.span_probabilities(known)
    opened = np.zeros(len(known.doc) + 1)
    np.add.at(opened, posterior.spans[:, 0] + 1, posterior.probabilities)
    np.add.at(opened, posterior.spans[:, 1], -posterior.probabilities)
    first = len(known.doc) - max(SEAM, exact.longest + 1)
    return first + int(np.argmin(np.cumsum(opened)[first : len(known.doc)]))
