"""The loss ``entity_ratio``: keeps the expected share of tokens within entities near a given ratio."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from nerture import hookimpl
from nerture.errors import ConfigError
from nerture.interfaces import (
    FloatArray,
    Loss,
    Options,
    Register,
    Scores,
    Services,
    Target,
    expected_entity_tokens,
    log_probabilities,
)


class EntityRatioOptions(Options):
    """Options of the loss ``entity_ratio``."""

    ratio: float = Field(ge=0, le=1, description="share of the tokens that are part of entities")
    margin: float = Field(ge=0, le=1, description="how far the share may lie from the ratio at no cost")
    labels: list[str] | None = Field(
        default=None, min_length=1, description="the labels whose entities count; by default all"
    )
    factor: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="multiplies the loss")


class EntityRatio:
    """The expected entity ratio of Effland & Collins 2021, computed exactly.

    There is no loss while the expected share of a batch's tokens within entities is within ``margin`` of
    ``ratio``; beyond it, the loss is ``factor`` times the excess for each token. A text of weight w counts as
    w texts. Of the targets only texts and weights are used.
    """

    def __init__(self, options: EntityRatioOptions, services: Services) -> None:
        self.options = options
        for label in options.labels or ():
            if services.labels and label not in services.labels:
                raise ConfigError(
                    f"labels: expected labels of the pipeline, {', '.join(services.labels)}, got {label!r}"
                )

    def __call__(self, scores: Scores, targets: Sequence[Target]) -> tuple[float, FloatArray, FloatArray]:
        """Return the loss and its gradients."""
        options = self.options
        counted = np.array([label in (options.labels or scores.labels) for label in scores.labels], np.uint8)
        d_closed, d_open = np.zeros_like(scores.closed), np.zeros_like(scores.open)
        expected = words = 0.0
        for text, target in enumerate(targets):
            begin, end = scores.bounds[text], scores.bounds[text + 1]
            value, slope_closed, slope_open = expected_entity_tokens(
                *log_probabilities(scores.closed[begin:end], scores.open[begin:end]), counted
            )
            d_closed[begin:end] = target.weight * slope_closed
            d_open[begin:end] = target.weight * slope_open
            expected += target.weight * value
            words += target.weight * len(target.doc)
        distance = expected / words - options.ratio if words else 0.0
        excess = abs(distance) - options.margin
        slope = options.factor * np.sign(distance) if excess > 0 else 0.0
        d_closed *= slope
        d_open *= slope
        return options.factor * words * max(0.0, excess), d_closed, d_open


def make_entity_ratio(options: EntityRatioOptions, services: Services) -> Loss:
    """Make the loss ``entity_ratio``."""
    return EntityRatio(options, services)


@hookimpl
def nerture_register_losses(register: Register) -> None:
    """Register ``entity_ratio``."""
    register("entity_ratio", make_entity_ratio, config=EntityRatioOptions)
