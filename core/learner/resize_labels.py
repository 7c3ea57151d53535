"""Adds labels to a trained learner, or removes some; what it has learned about the others is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.arrays import Floats
from nerture.core.errors import SettingError
from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.core.network.network import initialise, shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings

MARGIN = 10.0
"""How far below ``O`` a new label starts: its entities have odds of e**-10 (0.00005) against ``O``."""


def with_labels(
    learner: Learner,
    labels: Sequence[str],
    *,
    match_features: MatchFeatures | None,
    longest: int | None = None,
    settings: ModelSettings | None = None,
    seed: int = 0,
) -> Learner:
    """Return a learner of ``labels`` that starts from the weights of ``learner``, which is not changed.

    Labels that both have keep their columns of the output layers, whatever their position; the columns of
    labels that are missing in ``labels`` are dropped. In the states where nothing is open, the two columns of
    a new label are copies of the column of ``O``, ``MARGIN`` lower. So whatever the text, no action of a new
    label is ever the best, and no probability changes by more than 2 * new labels * tokens of the text *
    exp(-MARGIN). A right answer still has its full gradient, since that of -log p is p - 1. An open entity
    uses only its own two columns, so those of a new label start at zero.

    Without ``match_features``, their attribute is removed if there was one. A new attribute starts with
    random embeddings (``seed``), and with zero weights in the mixing layer: it changes nothing, but has a
    gradient. ``longest`` is the longest entity in tokens, by default the learner's; no parameter's shape
    depends on it, and it may only grow. ``settings`` may differ from the learner's in ``max_entity_tokens``.
    Raises ``SettingError`` for anything else.
    """
    longest = learner.longest if longest is None else longest
    if longest < learner.longest:
        raise SettingError(f"longest: expected {learner.longest} or more (it may only grow), got {longest}")
    settings = settings or learner.settings
    if replace(settings, max_entity_tokens=None) != replace(learner.settings, max_entity_tokens=None):
        raise SettingError(f"settings: expected the learner's, {learner.settings}, got {settings}")
    if not labels:
        raise SettingError("labels: expected one or more different names, got none")
    matches = match_features is not None
    weights = Parameters(shapes(settings, len(labels), matches), learner.weights.dtype)
    initialise(weights, seed)
    for name, block in _resize_blocks(learner, labels).items():
        if name in weights.shapes:
            weights[name] = _resize_rows(block, weights.shapes[name])
    return Learner(
        labels, settings, longest,
        weights=weights, match_features=match_features, calibration=learner.calibration.restrict_to(labels),
        threshold=learner.threshold, vocabulary=learner.vocabulary,
    )  # fmt: skip


def make_anchor(learner: Learner, known: Sequence[str]) -> Parameters:
    """Return the anchor of the weight decay for a learner made by ``with_labels``: its present weights.

    The ``MARGIN`` of the labels that are not among ``known`` is removed, so that decay works against it.
    """
    weights = learner.weights.copy()
    bias, size = weights["closed.bias"], len(learner.labels)
    for index, label in enumerate(learner.labels):
        if label not in known:
            bias[[1 + index, 1 + size + index]] += MARGIN
    return weights


def _resize_blocks(learner: Learner, labels: Sequence[str]) -> dict[str, Floats]:
    """Return the learner's blocks, with output layers that have one column for each action of ``labels``."""
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
                *_select_columns(begins, learner.labels, labels, unseen),
                *_select_columns(units, learner.labels, labels, unseen),
            ],
            axis=-1,
        )
        blocks[f"open.{kind}"] = np.stack(
            [
                *_select_columns(insides, learner.labels, labels, zero),
                *_select_columns(lasts, learner.labels, labels, zero),
            ],
            axis=-1,
        )
    return blocks


def _select_columns(block: Floats, known: Sequence[str], labels: Sequence[str], new: Floats) -> list[Floats]:
    """Return a column for each of ``labels``: its column of ``block``, or ``new``."""
    return [block[..., known.index(label)] if label in known else new for label in labels]


def _resize_rows(block: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the block with rows of zeros added or rows removed at its end, where the matchers' rows are."""
    resized = np.zeros(shape, dtype=block.dtype)
    rows = min(len(block), shape[0])
    resized[:rows] = block[:rows]
    return resized
