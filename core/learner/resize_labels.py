"""A trained learner takes on more labels, or fewer, and knows what it knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.errors import SettingError
from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.core.network.network import Array, initialise, shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings

MARGIN = 10.0
"""How far below ``O`` a new label begins: its entities have odds of e**-10 (0.00005) against ``O``."""


def grown(
    learner: Learner,
    labels: Sequence[str],
    *,
    match_features: MatchFeatures | None,
    longest: int | None = None,
    settings: ModelSettings | None = None,
    seed: int = 0,
) -> Learner:
    """Return a learner of ``labels`` that begins with what ``learner`` knows; ``learner`` stays as it is.

    Labels that both have keep their columns of the output layers, wherever they stand; those that ``labels``
    leaves out lose theirs. In the states where nothing is open, a new label's two columns are copies of that
    of ``O``, ``MARGIN`` lower. So whatever the text, no action of a new label is ever the best, and no
    probability changes by more than 2 * new labels * tokens of the text * exp(-MARGIN). A right answer still
    pulls with its whole gradient, since that of -log p is p - 1. An open entity competes in its own two
    columns only, so those of a new label begin at zero.

    ``match_features`` None leaves their attribute out, if there was one; a new one begins with random
    embeddings (``seed``), of which the mixing layer takes up nothing yet, so that it changes nothing and yet
    has a gradient. ``longest`` is the longest entity in tokens, by default the learner's; it is the shape of
    no parameter, and may only grow. ``settings`` may differ from the learner's in ``max_entity_tokens``.
    Raises ``SettingError`` for anything else.
    """
    longest = learner.longest if longest is None else longest
    if longest < learner.longest:
        raise SettingError(
            f"longest: expected {learner.longest} or more: it may only grow, got {longest}"
        )
    settings = settings or learner.settings
    if replace(settings, max_entity_tokens=None) != replace(learner.settings, max_entity_tokens=None):
        raise SettingError(f"expected the learner's own: {learner.settings}, got {settings}")
    if not labels:
        raise SettingError("labels: expected one or more different names, got none")
    matches = match_features is not None
    weights = Parameters(shapes(settings, len(labels), matches), learner.weights.dtype)
    initialise(weights, seed)
    for name, block in _blocks(learner, labels).items():
        if name in weights.shapes:
            weights[name] = _fitted(block, weights.shapes[name])
    return Learner(
        labels, settings, longest,
        weights=weights, match_features=match_features, calibration=learner.calibration.of(labels),
        threshold=learner.threshold, vocabulary=learner.vocabulary,
    )  # fmt: skip


def anchor(learner: Learner, known: Sequence[str]) -> Parameters:
    """Return where the weight decay of a ``grown`` learner is to pull: to its weights as they are.

    Only the ``MARGIN`` that keeps labels other than ``known`` down is not to last.
    """
    weights = learner.weights.copy()
    bias, size = weights["closed.bias"], len(learner.labels)
    for place, label in enumerate(learner.labels):
        if label not in known:
            bias[[1 + place, 1 + size + place]] += MARGIN
    return weights


def _blocks(learner: Learner, labels: Sequence[str]) -> dict[str, Array]:
    """Return the learner's blocks, those of the output with one column for each action of ``labels``."""
    weights = learner.weights
    blocks = {name: weights[name] for name in weights}
    for kind in ("weight", "bias"):
        closed, open_ = weights[f"closed.{kind}"], weights[f"open.{kind}"]
        unseen = closed[..., 0] - (MARGIN if kind == "bias" else 0.0)
        size = len(learner.labels)
        begins, units = closed[..., 1 : 1 + size], closed[..., 1 + size :]
        insides, lasts = open_[..., :size], open_[..., size:]
        zero = np.zeros_like(unseen)
        blocks[f"closed.{kind}"] = np.stack(
            [
                closed[..., 0],
                *_columns(begins, learner.labels, labels, unseen),
                *_columns(units, learner.labels, labels, unseen),
            ],
            axis=-1,
        )
        blocks[f"open.{kind}"] = np.stack(
            [
                *_columns(insides, learner.labels, labels, zero),
                *_columns(lasts, learner.labels, labels, zero),
            ],
            axis=-1,
        )
    return blocks


def _columns(block: Array, known: Sequence[str], labels: Sequence[str], new: Array) -> list[Array]:
    """Return a column for each of ``labels``: the one that it has in ``block``, or ``new``."""
    return [block[..., known.index(label)] if label in known else new for label in labels]


def _fitted(block: Array, shape: tuple[int, ...]) -> Array:
    """Give the block more rows of zeros, or fewer, at its end: matchers' rows are the last of the mix."""
    fitted = np.zeros(shape, dtype=block.dtype)
    rows = min(len(block), shape[0])
    fitted[:rows] = block[:rows]
    return fitted
