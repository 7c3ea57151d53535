"""The contract check of losses: ``nerture.testing.check_loss``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.lattice.scores import Scores
from nerture.core.targets.target import Target
from nerture.interfaces import FloatArray, Loss
from nerture.testing.samples import sample_scores, sample_targets


def check_loss(
    loss: Loss,
    *,
    smooth: bool = False,
    labels: Sequence[str] = ("A", "B"),
    targets: Sequence[Target] | None = None,
) -> None:
    """Check form, finiteness, determinism and weights of a loss; with ``smooth=True`` also its gradient.

    The gradient is compared with central differences in every coordinate, so the loss must be differentiable
    at random scores. ``targets`` replace the samples, for a loss that supports only some kinds of
    supervision.
    """
    labels = tuple(labels)
    batch = sample_targets(labels) if targets is None else list(targets)
    for seed in range(3):
        scores = sample_scores(batch, labels, seed=seed)
        _check_loss_once(loss, scores, batch)
        if smooth:
            _check_gradient(loss, scores, batch)


def _check_loss_once(loss: Loss, scores: Scores, targets: Sequence[Target]) -> None:
    closed, open_ = scores.closed.copy(), scores.open.copy()
    value, *gradients = loss(scores, targets)
    assert np.array_equal(closed, scores.closed), "the loss changed scores.closed; scores are read-only"
    assert np.array_equal(open_, scores.open), "the loss changed scores.open; scores are read-only"
    assert isinstance(value, float | np.floating), f"the loss: expected a float, got {type(value).__name__}"
    assert np.isfinite(value), f"the loss: expected a finite number, got {value}"
    for name, gradient, like in zip(("closed", "open"), gradients, (closed, open_), strict=True):
        form = f"{gradient.dtype} {gradient.shape}"
        same = gradient.dtype == np.float32 and gradient.shape == like.shape
        assert same, f"the gradient of scores.{name}: expected float32 {like.shape}, got {form}"
        assert np.isfinite(gradient).all(), f"the gradient of scores.{name} is not finite"
    absent = np.abs(gradients[1][~scores.exists]).max(initial=0)
    assert absent == 0, f"rows of scores.open that do not exist: expected the gradient 0, got {absent}"

    again, *gradients_again = loss(scores, targets)
    same = again == value and all(map(np.array_equal, gradients, gradients_again))
    assert same, (
        "the same scores and targets gave another loss or gradient; seed random numbers with scores.seed"
    )

    changed = np.where(scores.exists[..., None], open_, np.float32(1e4))
    other, *_ = loss(replace(scores, open=changed), targets)
    assert np.isclose(other, value, rtol=1e-6), "the loss depends on rows of scores.open that do not exist"

    doubled = [replace(target, weight=2 * target.weight) for target in targets]
    twice, *_ = loss(scores, doubled)
    assert np.isclose(twice, 2 * value, rtol=1e-4, atol=1e-5), (
        f"with all weights doubled the loss went from {value} to {twice}; Target.weight scales it"
    )


def _check_gradient(loss: Loss, scores: Scores, targets: Sequence[Target], step: float = 1e-2) -> None:
    """Compare every coordinate with (loss(x + step) - loss(x - step)) / (2 step)."""
    _, *gradients = loss(scores, targets)
    for name, gradient in zip(("closed", "open"), gradients, strict=True):
        like: FloatArray = getattr(scores, name)
        for index in np.ndindex(like.shape):
            if name == "open" and not scores.exists[index[:2]]:
                continue
            values = []
            for sign in (1, -1):
                moved = like.copy()
                moved[index] += sign * step
                changed = replace(scores, closed=moved) if name == "closed" else replace(scores, open=moved)
                values.append(loss(changed, targets)[0])
            numeric = (values[0] - values[1]) / (2 * step)
            assert np.isclose(gradient[index], numeric, rtol=2e-2, atol=2e-3), (
                f"the gradient of scores.{name}{list(index)} is {gradient[index]:.5f}, "
                f"central differences say {numeric:.5f}"
            )
