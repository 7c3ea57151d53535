"""``Updater``: training steps, and the running average of the weights that is evaluated and saved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nerture.core.errors import DataError
from nerture.core.lattice.scores import Scores
from nerture.core.learner.learner import Learner
from nerture.core.network.adam import adam, squared_norm
from nerture.core.network.network import Noise
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import TrainSettings
from nerture.core.targets.target import Target

if TYPE_CHECKING:
    import numpy.typing as npt

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # the values of Kingma & Ba 2015
LossFunction: TypeAlias = (
    "Callable[[Scores, Sequence[Target]], tuple[float, npt.NDArray[Any], npt.NDArray[Any]]]"
)


class Updater:
    """Adam over all parameters of a learner; ``averaged`` is the learner to evaluate and to save.

    The weight decay pulls towards ``anchor``, by default zero. For a learner that is trained further, these
    are its initial weights, so that decay does not undo what it has learned.
    """

    def __init__(self, learner: Learner, settings: TrainSettings, anchor: Parameters | None = None) -> None:
        self.learner = learner
        self.settings = settings
        self.step = 0
        weights = learner.weights
        self.state = {
            "weights": weights,
            "first": weights.zeros_like(),
            "second": weights.zeros_like(),
            "average": weights.copy(),
        }
        self._gradient = weights.zeros_like()
        self._anchor = anchor.flat if anchor else None
        self.averaged = learner.with_weights(self.state["average"])

    def add_vocabulary(self, attributes: Sequence[npt.NDArray[np.uint64]]) -> None:
        """Add the words of texts that are about to be learned to the vocabulary, if the learner has one."""
        if self.learner.vocabulary is not None:
            self.learner = self.learner.with_vocabulary(attributes)
            self.averaged = self.learner.with_weights(self.state["average"])

    def update(
        self, attributes: Sequence[npt.NDArray[np.uint64]], targets: Sequence[Target],
        losses: Sequence[tuple[LossFunction, float]], *, hides_words: bool = True,
    ) -> float:  # fmt: skip
        """Take one step on a batch of texts (each with at least one token) and return the loss per word.

        Without ``hides_words`` no words or attributes are dropped, only activations. ``losses`` are functions
        with their weights; their values and gradients add up. Raises ``DataError`` if a loss is not finite or
        returns gradients of other shapes.
        """
        settings, learner = self.settings, self.learner
        batch = learner.batch(attributes)
        # distinct for every step, with room for the numbers of layers and texts that are added to it
        seed = (settings.seed * 1_000_003 + self.step) * 1_009
        hidden = settings.word_dropout, settings.attribute_dropout, settings.unk_dropout
        noise = Noise(seed, settings.dropout, *(hidden if hides_words else ()))
        closed, open_, exists, backward = learner.network.scores(
            batch, learner.longest, noise, self._gradient
        )
        scores = Scores(closed, open_, exists, batch.bounds, learner.labels, seed)
        total, d_closed, d_open = 0.0, np.zeros_like(closed), np.zeros_like(open_)
        for loss, weight in losses:
            value, slope_closed, slope_open = loss(scores, targets)
            if slope_closed.shape != closed.shape or slope_open.shape != open_.shape:
                raise DataError(
                    f"gradients of a loss: expected shapes {closed.shape} and {open_.shape}, "
                    f"got {slope_closed.shape} and {slope_open.shape}"
                )
            if not (
                math.isfinite(value) and np.isfinite(slope_closed).all() and np.isfinite(slope_open).all()
            ):
                result = "an infinite gradient" if math.isfinite(value) else value
                raise DataError(
                    f"loss at step {self.step}: expected finite values and gradients, got {result}"
                )
            total += weight * value
            d_closed += weight * slope_closed
            d_open += weight * slope_open
        words = len(closed)
        d_closed /= words
        d_open /= words
        backward(d_closed, d_open)
        self._step()
        return total / words

    def _step(self) -> None:
        settings, weights = self.settings, self.learner.weights
        self.step += 1
        keep = min(settings.average, (1 + self.step) / (10 + self.step))
        gradient = self._gradient.flat
        norm = math.sqrt(squared_norm(gradient))
        scale = min(1.0, settings.clip / norm) if norm else 1.0
        adam(
            weights.flat, gradient, self.state["first"].flat, self.state["second"].flat,
            self.state["average"].flat, self._anchor, settings.learn_rate, settings.weight_decay,
            BETA1, BETA2, EPSILON, self.step, scale, keep,
        )  # fmt: skip

    def restore(self, state: dict[str, Parameters], step: int) -> None:
        """Continue from a saved ``state`` (weights, first, second, average) after ``step`` steps."""
        for name, parameters in self.state.items():
            parameters.flat[:] = state[name].flat
        self.step = step
