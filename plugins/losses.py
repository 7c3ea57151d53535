"""The losses ``oracle`` and ``teacher_forcing``: imitate derivations that agree with what is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from nerture import hookimpl
from nerture.interfaces import (
    FloatArray,
    Loss,
    Options,
    Register,
    Scores,
    Services,
    Target,
    imitate,
    target_costs,
)


class OracleOptions(Options):
    """Options of the loss ``oracle``."""

    explore: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="share of actions that follow the model's own choice, right or wrong",
    )


class Oracle:
    """Imitation learning with a dynamic oracle (Goldberg & Nivre 2012).

    In each visited state: -log of the total probability of the zero-cost actions. With probability
    ``explore`` the model's own choice leads to the next state, so that it learns what to do after mistakes;
    with 0 it never leaves the derivations that agree with the target.
    """

    def __init__(self, explore: float) -> None:
        self.explore = explore

    def __call__(self, scores: Scores, targets: Sequence[Target]) -> tuple[float, FloatArray, FloatArray]:
        """Return the loss and its gradients."""
        d_closed, d_open = np.zeros_like(scores.closed), np.zeros_like(scores.open)
        longest = scores.open.shape[1] + 1
        total = 0.0
        for text, target in enumerate(targets):
            begin, end = scores.bounds[text], scores.bounds[text + 1]
            costs = target_costs(target, scores.labels, longest)
            total += imitate(
                scores.closed[begin:end], scores.open[begin:end], costs, self.explore, scores.seed + text,
                target.weight, d_closed[begin:end], d_open[begin:end],
            )  # fmt: skip
        return total, d_closed, d_open


def make_oracle(options: OracleOptions, services: Services) -> Loss:
    """Make the loss ``oracle``."""
    return Oracle(options.explore)


def make_teacher_forcing(options: Options, services: Services) -> Loss:
    """Make the loss ``teacher_forcing``."""
    return Oracle(0.0)


@hookimpl
def nerture_register_losses(register: Register) -> None:
    """Register ``oracle`` and ``teacher_forcing``."""
    register("oracle", make_oracle, config=OracleOptions)
    register("teacher_forcing", make_teacher_forcing)
