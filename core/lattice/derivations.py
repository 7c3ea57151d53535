"""``Derivations``: the distribution over all derivations of one text, and what follows from a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nerture.core.errors import ConflictError, DataError
from nerture.core.lattice import forward_backward as lattice
from nerture.core.lattice import k_best as paths
from nerture.core.lattice.beam_search import beam_search
from nerture.core.lattice.constraint_masks import make_constraint_masks
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

if TYPE_CHECKING:
    import numpy.typing as npt

Float64: TypeAlias = "npt.NDArray[np.float64]"
Entities = list[tuple[int, int, str]]
"""The spans of a derivation: start, end (tokens, end exclusive), label."""

NEGLIGIBLE = 1e-6
"""Spans of a lower probability are left out."""


class Derivations:
    """The distribution over the derivations of one text that its scores define.

    ``closed`` (N, 2L+1) and ``open_`` (N, K-1, 2L) are the text's scores in the columns of ``Scores``, in
    float32 or float64; ``calibration`` is applied to them. The probability of a derivation is the product of
    those of its actions, each normalised over the valid actions of its state, so the probabilities of all
    derivations sum to 1.
    """

    __slots__ = ("_log_closed", "_log_open", "_outside", "_span_scores", "calibration", "labels")

    def __init__(
        self,
        closed: npt.NDArray[Any],
        open_: npt.NDArray[Any],
        labels: Sequence[str],
        calibration: Calibration = UNCHANGED,
    ) -> None:
        self.labels = tuple(labels)
        self.calibration = calibration
        self._log_closed, self._log_open = lattice.log_probabilities(
            calibration.apply_offsets(closed, self.labels), open_, calibration.temperature
        )
        self._outside, self._span_scores = lattice.log_weights(self._log_closed, self._log_open)

    def with_calibration(self, calibration: Calibration) -> Derivations:
        """Return the distribution of the same scores under another calibration."""
        change = calibration.relative_to(self.calibration)  # log-probabilities are scores too
        recalibrated = Derivations(self._log_closed, self._log_open, self.labels, change)
        recalibrated.calibration = calibration
        return recalibrated

    @property
    def longest(self) -> int:
        """The maximal number of tokens of an entity."""
        return int(self._span_scores.shape[1])

    def log_mass(self, target: Target) -> float:
        """Return the log of the probability of all derivations that agree with the target, at most 0.

        Raises ``ConflictError`` if none agrees, and ``DataError`` for an unknown label.
        """
        masses = [lattice.forward_log_masses(*steps)[-1] for steps in self._constrain(target)]
        return self._check_mass(float(np.logaddexp.reduce(masses)), target)

    def span_probability(self, start: int, end: int, label: str) -> float:
        """Return the probability that tokens ``[start, end)`` are an entity of this label.

        It is 0 for a span of more than ``longest`` tokens. Raises ``DataError`` for a span that is empty or
        not within the text, and for an unknown label.
        """
        if not 0 <= start < end <= len(self._outside):
            raise DataError(
                f"span: expected bounds within the {len(self._outside)} tokens of the text, "
                f"got [{start}, {end})"
            )
        if label not in self.labels:
            raise DataError(f"label: expected one of {', '.join(self.labels)}, got {label!r}")
        if end - start > self.longest:
            return 0.0
        forward = lattice.forward_log_masses(self._outside, self._span_scores)
        weight = self._span_scores[start, end - start - 1, self.labels.index(label)]
        return float(np.exp(forward[start] + weight))

    def probabilities_at(self, spans: npt.NDArray[np.int32]) -> Float64:
        """Return the probability of each span, float64 (M).

        ``spans`` are those of ``SpanProbabilities``, (M, 3): start, end, number of the label; each is within
        the text and has at most ``longest`` tokens.
        """
        start, end, label = spans.T
        forward = lattice.forward_log_masses(self._outside, self._span_scores)
        probabilities: Float64 = np.exp(forward[start] + self._span_scores[start, end - start - 1, label])
        return probabilities

    def span_probabilities(
        self, target: Target | None = None, least: float = NEGLIGIBLE
    ) -> SpanProbabilities:
        """Return the probability of every span, given that the derivation agrees with ``target``.

        Spans of a probability below ``least`` are left out. Raises as ``log_mass`` does.
        """
        _, _, shares = self._compute_posterior(target)
        start, extra, label = np.nonzero(shares >= least)
        spans = np.stack([start, start + extra + 1, label], axis=1).astype(np.int32)
        probabilities = shares[start, extra, label].clip(max=1.0)  # sums may round to more than 1
        return SpanProbabilities(self.labels, spans, probabilities.astype(np.float32))

    def probabilities_of(self, spans: Sequence[Span], target: Target | None = None) -> Float64:
        """Return the probability of each span, float64 (M), given that the derivation agrees with ``target``.

        Raises as ``log_mass`` does.
        """
        _, _, shares = self._compute_posterior(target)
        probabilities = np.zeros(len(spans))
        for index, span in enumerate(spans):
            if len(span) <= self.longest:
                probabilities[index] = shares[span.start, len(span) - 1, self.labels.index(span.label)]
        return probabilities

    def k_best(self, k: int, target: Target | None = None) -> list[tuple[float, Entities]]:
        """Return the ``k`` most probable derivations, best first, each with its probability.

        With ``target``, only those that agree with it count, and the probabilities are conditional on it.
        There are fewer if the text has fewer derivations. Raises as ``log_mass`` does.
        """
        if k < 1:
            raise DataError(f"k: expected 1 or more, got {k}")
        mass = 0.0 if target is None else self.log_mass(target)
        candidates = [path for steps in self._constrain(target) for path in paths.k_best(*steps, k)]
        candidates.sort(key=lambda path: -path[0])
        return [(float(np.exp(weight - mass)), self._to_entities(spans)) for weight, spans in candidates[:k]]

    def beam_search(self, width: int) -> list[tuple[float, Entities]]:
        """Return the derivations that a beam search of this width finds, best first; see ``beam_search``.

        Raises ``DataError`` for a width below 1.
        """
        if width < 1:
            raise DataError(f"width: expected 1 or more, got {width}")
        return [
            (
                float(np.exp(hypothesis.log_probability)),
                [(start, end, self.labels[label]) for start, end, label in hypothesis.spans],
            )
            for hypothesis in beam_search(self._log_closed, self._log_open, width)
        ]

    def sample(self, count: int, seed: int) -> list[Entities]:
        """Draw ``count`` derivations, each with its probability; the same seed draws the same ones."""
        forward = lattice.forward_log_masses(self._outside, self._span_scores)
        drawn = (
            paths.sample(self._outside, self._span_scores, forward, seed + number) for number in range(count)
        )
        return [self._to_entities(spans) for spans in drawn]

    def gradient(self, target: Target) -> tuple[float, Float64, Float64]:
        """Return ``log_mass(target)`` and its gradients for the scores: (N, 2L+1) and (N, K-1, 2L).

        For an action a of a state, it is P(state given target) * (P(a given target) - P(a)). Raises as
        ``log_mass`` does.
        """
        mass, outside, span_scores = self._compute_posterior(target)
        closed, open_ = lattice.action_shares(outside, span_scores)
        closed -= closed.sum(axis=1, keepdims=True) * np.exp(self._log_closed)
        labels = len(self.labels)
        visits = open_[:, :, :labels] + open_[:, :, labels:]
        open_ -= np.concatenate([visits, visits], axis=2) * np.exp(self._log_open)
        temperature = self.calibration.temperature
        return mass, closed / temperature, open_ / temperature

    def _compute_posterior(self, target: Target | None) -> tuple[float, Float64, Float64]:
        """Return the log-mass of the derivations that agree, and the probability of each step given that."""
        if target is None:
            forward = lattice.forward_log_masses(self._outside, self._span_scores)
            backward = np.zeros_like(forward)  # from every position, the continuations have mass 1
            return 0.0, *lattice.marginals(self._outside, self._span_scores, forward, backward)
        masses, marginals = [], []
        for steps in self._constrain(target):
            forward = lattice.forward_log_masses(*steps)
            if np.isfinite(forward[-1]):
                masses.append(forward[-1])
                marginals.append(lattice.marginals(*steps, forward, lattice.backward_log_masses(*steps)))
        mass = self._check_mass(float(np.logaddexp.reduce(masses)) if masses else -np.inf, target)
        if len(marginals) == 1:
            return mass, *marginals[0]
        shares = np.exp(np.array(masses) - mass)
        outside = sum(share * part for share, (part, _) in zip(shares, marginals, strict=True))
        span_scores = sum(share * part for share, (_, part) in zip(shares, marginals, strict=True))
        return mass, np.asarray(outside), np.asarray(span_scores)

    def _constrain(self, target: Target | None) -> list[tuple[Float64, Float64]]:
        """Return the lattices of the derivations that agree with the target; their masses add up."""
        if target is None:
            return [(self._outside, self._span_scores)]
        masks = make_constraint_masks(target, self.labels, self.longest)
        return [
            (np.where(outside, self._outside, -np.inf), np.where(spans, self._span_scores, -np.inf))
            for outside, spans in masks
        ]

    def _check_mass(self, mass: float, target: Target) -> float:
        if mass == -np.inf:
            raise ConflictError("no analysis of the text agrees with all that is known", target.origin)
        return mass

    def _to_entities(self, spans: npt.NDArray[np.int64]) -> Entities:
        return [(start, end, self.labels[label]) for start, end, label in spans.tolist()]
