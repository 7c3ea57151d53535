"""The loss ``lattice``: marginal log-likelihood of all derivations that agree with what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture import hookimpl
from nerture.interfaces import Derivations, FloatArray, Loss, Options, Register, Scores, Services, Target


class Lattice:
    """The exact loss of everything that is known about a text, complete or not.

    -log P(derivations that agree with the target), and for each belief that a span is right with
    probability r: -r log P(span) - (1 - r) log(1 - P(span)). Raises ``ConflictError`` for a target that
    contradicts itself.
    """

    def __call__(self, scores: Scores, targets: Sequence[Target]) -> tuple[float, FloatArray, FloatArray]:
        """Return the loss and its gradients."""
        d_closed, d_open = np.zeros_like(scores.closed), np.zeros_like(scores.open)
        total = 0.0
        for text, target in enumerate(targets):
            rows = slice(scores.bounds[text], scores.bounds[text + 1])
            derivations = Derivations(scores.closed[rows], scores.open[rows], scores.labels)
            for part, weight in _parts(target):
                mass, closed, open_ = derivations.gradient(part)
                total -= weight * mass
                d_closed[rows] -= weight * closed
                d_open[rows] -= weight * open_
        return total, d_closed, d_open


def _parts(target: Target) -> list[tuple[Target, float]]:
    """Return the targets whose log-masses make up the loss, with their weights."""
    parts = []
    unknown = Target(target.doc, complete=frozenset(), origin=target.origin)
    if target.rules_out:
        parts.append((target, target.weight))
    for belief in target.beliefs:
        right, wrong = replace(unknown, spans=(belief.span,)), replace(unknown, rejected=(belief.span,))
        parts.append((right, target.weight * belief.probability))
        parts.append((wrong, target.weight * (1 - belief.probability)))
    return [(part, weight) for part, weight in parts if weight]


def make_lattice(options: Options, services: Services) -> Loss:
    """Make the loss ``lattice``."""
    return Lattice()


@hookimpl
def nerture_register_losses(register: Register) -> None:
    """Register ``lattice``."""
    register("lattice", make_lattice)
