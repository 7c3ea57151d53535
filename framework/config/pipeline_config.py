"""``PipelineConfig``: a pipeline file, checked, as the host's modules use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nerture.config.keys import FORMAT
from nerture.config.parts import MatcherPart, Part, SourcePart
from nerture.config.session import SessionPart
from nerture.config.start import StartPart
from nerture.core.network.settings import ModelSettings, TrainSettings


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """A pipeline, checked. ``path`` is its file, None when it came as a mapping.

    What the file leaves to the model that it starts from stands here as that model has it. ``files`` maps
    paths in the options of such matchers to the model's own copies.
    """

    path: Path | None
    labels: tuple[str, ...]
    start: StartPart | None
    tokenizer: Part
    model: ModelSettings
    matchers: tuple[MatcherPart, ...]
    sources: tuple[SourcePart, ...]
    train: TrainSettings
    evaluate: Part | None
    files: Mapping[str, Path]
    session: SessionPart | None

    @property
    def base_dir(self) -> Path:
        """The absolute folder that relative paths of the pipeline start from."""
        return (self.path.parent if self.path else Path()).resolve()

    def as_dict(self) -> dict[str, Any]:
        """Return the pipeline as plain data that ``load_config`` takes; settings are written in full.

        How a session asks is left out: no model depends on it but through the answers.
        """
        return {
            "nerture": FORMAT,
            "labels": list(self.labels),
            "start": self.start.as_dict() if self.start else None,
            "tokenizer": self.tokenizer.as_dict(),
            "model": asdict(self.model),
            "matchers": [part.as_dict() for part in self.matchers],
            "sources": [part.as_dict() for part in self.sources],
            "train": asdict(self.train),
            "evaluate": self.evaluate.as_dict() if self.evaluate else None,
        }
