"""``Derivations``: all derivations of one text with their probabilities, and what follows from a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nerture.core.errors import ConflictError, DataError
from nerture.core.lattice import forward_backward as lattice
from nerture.core.lattice import viterbi as paths
from nerture.core.lattice.beam_search import beam_search
from nerture.core.lattice.constraint_masks import agreeing
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
"""Spans of a lower probability are not listed."""


class Derivations:
    """The distribution over the derivations of one text that its scores define.

    ``closed`` (N, 2L+1) and ``open_`` (N, K-1, 2L) are the text's scores in the columns of ``Scores``, in
    float32 or float64, changed by ``calibration``. A derivation's probability is the product of its
    actions', each normalised over the valid actions of its state, so that all of them together have
    probability 1.
    """

    __slots__ = ("_log_closed", "_log_open", "_outside", "_segments", "calibration", "labels")

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
            calibration.shifted(closed, self.labels), open_, calibration.temperature
        )
        self._outside, self._segments = lattice.log_weights(self._log_closed, self._log_open)

    def at(self, calibration: Calibration) -> Derivations:
        """Return the distribution of the same scores under another calibration."""
        change = calibration.after(self.calibration)  # log-probabilities are scores too
        other = Derivations(self._log_closed, self._log_open, self.labels, change)
        other.calibration = calibration
        return other

    @property
    def longest(self) -> int:
        """Tokens that an entity has at most."""
        return int(self._segments.shape[1])

    def log_mass(self, target: Target) -> float:
        """Return the log-probability of all derivations that agree with the target: at most 0.

        Raises ``ConflictError`` when none agrees, and ``DataError`` for an unknown label.
        """
        masses = [lattice.masses_before(*steps)[-1] for steps in self._agreeing(target)]
        return self._finite(float(np.logaddexp.reduce(masses)), target)

    def span_probability(self, start: int, end: int, label: str) -> float:
        """Return the probability that tokens ``[start, end)`` are an entity of this label.

        It is 0 for a span of more than ``longest`` tokens. Raises ``DataError`` for a span that is not within
        the text and for an unknown label.
        """
        if not 0 <= start < end <= len(self._outside):
            raise DataError(
                f"span [{start}, {end}) is not within the {len(self._outside)} tokens of the text"
            )
        if label not in self.labels:
            raise DataError(f"expected {', '.join(self.labels)}, got label {label!r}")
        if end - start > self.longest:
            return 0.0
        before = lattice.masses_before(self._outside, self._segments)
        weight = self._segments[start, end - start - 1, self.labels.index(label)]
        return float(np.exp(before[start] + weight))

    def probabilities_at(self, spans: npt.NDArray[np.int32]) -> Float64:
        """Return the probability of each span, float64 (M).

        ``spans`` are those of ``SpanProbabilities``, (M, 3): start, end, number of the label; each is within
        the text and has at most ``longest`` tokens.
        """
        start, end, label = spans.T
        before = lattice.masses_before(self._outside, self._segments)
        found: Float64 = np.exp(before[start] + self._segments[start, end - start - 1, label])
        return found

    def span_probabilities(
        self, target: Target | None = None, least: float = NEGLIGIBLE
    ) -> SpanProbabilities:
        """Return the probability of every span, given that the derivation agrees with ``target``.

        Spans of a probability below ``least`` are left out. Raises as ``log_mass`` does.
        """
        _, _, shares = self._posterior(target)
        start, more, label = np.nonzero(shares >= least)
        spans = np.stack([start, start + more + 1, label], axis=1).astype(np.int32)
        found = shares[start, more, label].clip(max=1.0).astype(np.float32)  # sums round above 1
        return SpanProbabilities(self.labels, spans, found)

    def probabilities_of(self, spans: Sequence[Span], target: Target | None = None) -> Float64:
        """Return the probability of each span, float64 (M), given that the derivation agrees with ``target``.

        Raises as ``log_mass`` does.
        """
        _, _, shares = self._posterior(target)
        found = np.zeros(len(spans))
        for index, span in enumerate(spans):
            if len(span) <= self.longest:
                found[index] = shares[span.start, len(span) - 1, self.labels.index(span.label)]
        return found

    def k_best(self, k: int, target: Target | None = None) -> list[tuple[float, Entities]]:
        """Return the ``k`` most probable derivations, best first, each with its probability.

        With ``target``, only those that agree with it count; the probabilities are then conditional on it.
        There are fewer where the text has fewer derivations. Raises as ``log_mass`` does.
        """
        if k < 1:
            raise DataError(f"k: expected 1 or more, got {k}")
        mass = 0.0 if target is None else self.log_mass(target)
        found = [item for steps in self._agreeing(target) for item in paths.k_best(*steps, k)]
        found.sort(key=lambda item: -item[0])
        return [(float(np.exp(weight - mass)), self._entities(spans)) for weight, spans in found[:k]]

    def beam(self, width: int) -> list[tuple[float, Entities]]:
        """Return the derivations that a beam search of this width finds, best first; see ``core.beam``.

        Raises ``DataError`` for a width below 1.
        """
        if width < 1:
            raise DataError(f"width: expected 1 or more, got {width}")
        found = beam_search(self._log_closed, self._log_open, width)
        return [
            (
                float(np.exp(item.log_probability)),
                [(start, end, self.labels[label]) for start, end, label in item.spans],
            )
            for item in found
        ]

    def sample(self, count: int, seed: int) -> list[Entities]:
        """Draw ``count`` derivations, each with its probability; the same seed draws the same ones."""
        before = lattice.masses_before(self._outside, self._segments)
        drawn = (
            paths.sample(self._outside, self._segments, before, seed + number) for number in range(count)
        )
        return [self._entities(spans) for spans in drawn]

    def gradient(self, target: Target) -> tuple[float, Float64, Float64]:
        """Return ``log_mass(target)`` and its gradients for the scores: (N, 2L+1) and (N, K-1, 2L).

        For an action a of a state it is P(state given target) * (P(a given target) - P(a)). Raises as
        ``log_mass`` does.
        """
        mass, outside, segments = self._posterior(target)
        closed, open_ = lattice.action_shares(outside, segments)
        closed -= closed.sum(axis=1, keepdims=True) * np.exp(self._log_closed)
        labels = len(self.labels)
        visits = open_[:, :, :labels] + open_[:, :, labels:]
        open_ -= np.concatenate([visits, visits], axis=2) * np.exp(self._log_open)
        degrees = self.calibration.temperature
        return mass, closed / degrees, open_ / degrees

    def _posterior(self, target: Target | None) -> tuple[float, Float64, Float64]:
        """Return the log-mass of what agrees, and the probability of each step given that."""
        if target is None:
            before = lattice.masses_before(self._outside, self._segments)
            after = np.zeros_like(before)  # from every place on, all continuations have mass 1
            return 0.0, *lattice.marginals(self._outside, self._segments, before, after)
        masses, found = [], []
        for steps in self._agreeing(target):
            before = lattice.masses_before(*steps)
            if np.isfinite(before[-1]):
                masses.append(before[-1])
                found.append(lattice.marginals(*steps, before, lattice.masses_after(*steps)))
        mass = self._finite(float(np.logaddexp.reduce(masses)) if masses else -np.inf, target)
        if len(found) == 1:
            return mass, *found[0]
        shares = np.exp(np.array(masses) - mass)
        outside = sum(share * part for share, (part, _) in zip(shares, found, strict=True))
        segments = sum(share * part for share, (_, part) in zip(shares, found, strict=True))
        return mass, np.asarray(outside), np.asarray(segments)

    def _agreeing(self, target: Target | None) -> list[tuple[Float64, Float64]]:
        """Return the lattices of the derivations that agree with the target; their masses add up."""
        if target is None:
            return [(self._outside, self._segments)]
        return [self._restricted(*allowed) for allowed in agreeing(target, self.labels, self.longest)]

    def _restricted(
        self, outside: npt.NDArray[np.bool_], segments: npt.NDArray[np.bool_]
    ) -> tuple[Float64, Float64]:
        return (
            np.where(outside, self._outside, -np.inf),
            np.where(segments, self._segments, -np.inf),
        )

    def _finite(self, mass: float, target: Target) -> float:
        if mass == -np.inf:
            raise ConflictError("no analysis of the text agrees with all that is known of it", target.origin)
        return mass

    def _entities(self, spans: npt.NDArray[np.int64]) -> Entities:
        return [(start, end, self.labels[label]) for start, end, label in spans.tolist()]
