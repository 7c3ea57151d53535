"""``PipelineConfig``: a checked pipeline file, as the host's modules use it."""

from __future__ import annotations

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
    """A checked pipeline. ``path`` is its file, or None if it came as a mapping.

    What the file leaves to its start model is filled in from that model.
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
    session: SessionPart | None

    @property
    def base_dir(self) -> Path:
        """The absolute folder to which relative paths of the pipeline are relative."""
        return (self.path.parent if self.path else Path()).resolve()

    def as_dict(self) -> dict[str, Any]:
        """Return the pipeline as plain data for ``load_config``, with all settings.

        The session is left out: a model depends only on its answers.
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
