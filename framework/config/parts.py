"""Plugins' parts as a pipeline uses them: tokenizer, matchers, sources, losses, sorter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nerture.interfaces import Options, SourceOptions


@dataclass(frozen=True, slots=True)
class Part:
    """A plugin's part as the pipeline uses it: its name, its checked options, and where it stands.

    ``where`` is file, line and key path, for messages: ``pipeline.yaml:12: sources[0]``.
    """

    use: str
    options: Options
    where: str

    def as_dict(self) -> dict[str, Any]:
        """Return the part as the pipeline file writes it."""
        return {"use": self.use, **self.options.model_dump(mode="json", by_alias=True, exclude_unset=True)}


@dataclass(frozen=True, slots=True)
class MatcherPart(Part):
    """A matcher, and the roles in which its hits enter: ``as`` in the file."""

    roles: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the matcher as the pipeline file writes it."""
        return {**Part.as_dict(self), "as": list(self.roles)}


@dataclass(frozen=True, slots=True)
class SourcePart(Part):
    """A label source, the losses that compare the learner with it, and the weight of what it says."""

    losses: tuple[Part, ...]
    weight: float

    @property
    def hides_words(self) -> bool:
        """Whether training hides words of its texts now and then."""
        kind = self.options if isinstance(self.options, SourceOptions) else SourceOptions
        return kind.hides_words

    def as_dict(self) -> dict[str, Any]:
        """Return the source as the pipeline file writes it."""
        losses = [loss.as_dict() for loss in self.losses]
        return {**Part.as_dict(self), "loss": losses, "weight": self.weight}
