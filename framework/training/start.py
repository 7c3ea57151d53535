"""``StartModel``: the trained model that a training starts from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from nerture.config.start import StartPart
from nerture.core.learner.learner import Learner
from nerture.core.learner.resize_labels import with_labels
from nerture.errors import ConfigError, NertureError
from nerture.models.model import Model, load
from nerture.pipeline import Pipeline

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, eq=False)
class StartModel:
    """A trained model to continue from. ``labels`` are those of its labels that the pipeline still has."""

    part: StartPart
    model: Model
    labels: tuple[str, ...]

    @property
    def dropped(self) -> tuple[str, ...]:
        """The model's labels that the pipeline no longer lists."""
        return tuple(label for label in self.model.labels if label not in self.labels)

    @property
    def weights(self) -> str:
        """A hash of the model's labels and weights, which identifies it."""
        digest = blake2b("\n".join(self.model.labels).encode(), digest_size=DIGEST_BYTES)
        digest.update(self.model.learner.weights.flat.astype("<f4").tobytes())
        return digest.hexdigest()

    def make_learner(self, pipeline: Pipeline, longest: int) -> Learner:
        """Make a learner to train from the model's: with the pipeline's labels."""
        config = pipeline.config
        return with_labels(
            self.model.learner, config.labels,
            match_features=pipeline.match_features, longest=longest,
            settings=config.model, seed=config.train.seed,
        )  # fmt: skip

    def provenance(self) -> dict[str, Any]:
        """Return what the trained model records about the one it started from; paths are not part of it."""
        meta = self.model.meta
        kept: dict[str, Any] = {key: meta[key] for key in ("nerture", "steps", "best_step") if key in meta}
        return {**kept, "labels": list(self.model.labels), "weights": self.weights}


def load_start(pipeline: Pipeline) -> StartModel | None:
    """Load the model that the pipeline starts from; None if it names none.

    Raises ``ConfigError`` with the place in the pipeline file if the model cannot be loaded.
    """
    part = pipeline.config.start
    if part is None:
        return None
    try:
        model = load(part.folder, pipeline.manager)
    except NertureError as error:
        raise ConfigError(f"{part.where}: {error}") from error
    return StartModel(part, model, tuple(label for label in model.labels if label in pipeline.config.labels))
