"""The options of plugins' parts, as pydantic models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, model_validator

Format: TypeAlias = str | Mapping[str, Any] | None
"""A reader's name, or ``{"use": name}`` with the reader's options; None: the file decides."""


class Options(BaseModel):
    """Base of every plugin's options: unknown keys are refused, and values cannot be changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SourceOptions(Options):
    """Base of a label source's options.

    ``default_loss`` is the loss if the pipeline names none. If ``hides_words``, training sometimes hides
    words of its texts from the learner, so that it copes with new words; False if what the source teaches
    depends on the very words of its texts.
    """

    default_loss: ClassVar[str] = "oracle"
    hides_words: ClassVar[bool] = True


class RowsOptions(SourceOptions):
    """Base of the options of a label source that reads rows from a file or a dataset of the store."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [key], "properties": {key: {"type": "string"}}} for key in ("path", "dataset")
            ]
        }
    )

    path: str | None = None
    """The file; relative to the pipeline file."""
    dataset: str | None = None
    """The dataset of the store, instead of a file."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file decides."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.dataset is None):
            raise ValueError("expected exactly one of path and dataset")
        if self.format is not None and self.path is None:
            raise ValueError("format goes with path; a dataset has a format of its own")
        return self
