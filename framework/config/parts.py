"""The parts of plugins in a pipeline: tokenizer, matchers, sources, losses, sorter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nerture.files.model_folder import Description
from nerture.interfaces import Options, SourceOptions


@dataclass(frozen=True, slots=True)
class Part:
    """A plugin's part in a pipeline: its name, its checked options, and where it is in the file.

    ``where`` is file, line and key path, for messages: ``pipeline.yaml:12: sources[0]``. ``model`` is the
    saved model whose part it is, if it is one's: paths in its options lie in that model's folder.
    """

    use: str
    options: Options
    where: str
    model: Description | None = field(default=None, kw_only=True)

    def as_dict(self) -> dict[str, Any]:
        """Return the part as in a pipeline file."""
        return {"use": self.use, **self.options.model_dump(mode="json", by_alias=True, exclude_unset=True)}


@dataclass(frozen=True, slots=True)
class MatcherPart(Part):
    """A matcher and the roles in which its hits enter: ``as`` in the file."""

    roles: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the matcher as in a pipeline file."""
        return {**Part.as_dict(self), "as": list(self.roles)}


@dataclass(frozen=True, slots=True)
class SourcePart(Part):
    """A label source, the losses that compare the learner with it, and the weight of these losses."""

    losses: tuple[Part, ...]
    weight: float

    @property
    def hides_words(self) -> bool:
        """Whether training sometimes hides words of its texts."""
        kind = self.options if isinstance(self.options, SourceOptions) else SourceOptions
        return kind.hides_words

    def as_dict(self) -> dict[str, Any]:
        """Return the source as in a pipeline file."""
        losses = [loss.as_dict() for loss in self.losses]
        return {**Part.as_dict(self), "loss": losses, "weight": self.weight}
