"""The host's own keys of the pipeline file, as pydantic models; plugins bring models of their options."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FORMAT = 1
"""The version of the pipeline file's format: its key ``nerture``."""

LATER_KEYS = frozenset({"session"})
"""Keys that a later version brings; refused by name."""

ROLES = ("feature", "question", "weak", "constraint", "forbid")
"""The ways in which a matcher's hits may enter a pipeline."""

AT_PREDICTION = frozenset({"feature", "constraint", "forbid"})
"""The roles in which a model asks a matcher about every text: it takes along what such a matcher reads."""


def _label(label: str) -> str:
    if not label.strip():
        raise ValueError("a label is not empty")
    if label != label.strip():
        raise ValueError("a label does not begin or end with a space")
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in label):
        raise ValueError("a label has no control characters")
    return label


def _unique(labels: list[str]) -> list[str]:
    for index, label in enumerate(labels):
        if label in labels[:index]:
            raise ValueError(f'"{label}" stands there twice')
    return labels


class PipelineKeys(BaseModel):
    """The top level. An empty section is the same as none."""

    model_config = ConfigDict(extra="forbid")

    nerture: Any = Field(description="version of this file's format")
    labels: Annotated[
        list[Annotated[str, AfterValidator(_label)]], Field(min_length=1), AfterValidator(_unique)
    ] = Field(description="the labels that the model gives, in order")
    start: str | dict[str, Any] | None = Field(
        default=None, description="a model folder to go on from, or a mapping that names it"
    )
    tokenizer: dict[str, Any] | None = Field(default=None, description="what cuts texts into tokens")
    model: dict[str, Any] | None = Field(default=None, description="the shape of the learner")
    matchers: list[dict[str, Any]] | None = Field(default=None, description="what finds candidates by rule")
    sources: list[dict[str, Any]] | None = Field(default=None, description="what is known about texts")
    train: dict[str, Any] | None = Field(default=None, description="how the learner is trained")
    evaluate: dict[str, Any] | None = Field(default=None, description="a source of texts to evaluate on")


class StartKeys(BaseModel):
    """The trained model that training starts from, and how it keeps what it knows."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(min_length=1, description="the model folder, relative to the pipeline file")
    rehearse: bool = Field(default=True, description="let the model as it was teach what it knows")
    rehearse_weight: float = Field(
        default=1.0, gt=0, allow_inf_nan=False, description="factor of the loss of rehearsal"
    )
    rehearse_texts: str | None = Field(
        default=None,
        min_length=1,
        description="a file of more texts to rehearse on; their spans do not count",
    )


class MatcherKeys(BaseModel):
    """The host's keys of a matcher, beside ``use``."""

    roles: str | list[str] = Field(alias="as", description="how its hits enter the pipeline")


class SourceKeys(BaseModel):
    """The host's keys of a source, beside ``use``."""

    loss: str | dict[str, Any] | list[str | dict[str, Any]] | None = Field(
        default=None,
        description="the loss, or losses, that compare the learner with it; by default the one that suits it",
    )
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="factor of the loss")
