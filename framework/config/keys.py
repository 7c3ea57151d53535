"""The host's own keys of the pipeline file, as pydantic models; plugins have models of their options."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nerture.core.annotations.json_rows import is_label
from nerture.interfaces import Ask, Mode

FORMAT = 1
"""The version of the pipeline file's format, in its key ``nerture``."""


def _check_label(label: str) -> str:
    if not label.strip():
        raise ValueError("expected a label that is not empty")
    if label != label.strip():
        raise ValueError("expected a label without space around it")
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in label):
        raise ValueError("expected a label without control characters")
    return label


def _check_unique(labels: list[str]) -> list[str]:
    for index, label in enumerate(labels):
        if label in labels[:index]:
            raise ValueError(f'expected each label once, got "{label}" twice')
    return labels


def _check_dataset(name: str) -> str:
    if not is_label(name):
        raise ValueError("expected a printable name without space around it")
    return name


Labels = Annotated[
    list[Annotated[str, AfterValidator(_check_label)]], Field(min_length=1), AfterValidator(_check_unique)
]


class PipelineKeys(BaseModel):
    """The top level. An empty section is the same as none."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    nerture: Any = Field(description="version of this file's format")
    labels: Labels = Field(description="the labels of the model, in order")
    start: str | dict[str, Any] | None = Field(
        default=None, description="a model folder to continue from, or a mapping that names it"
    )
    tokenizer: dict[str, Any] | None = Field(default=None, description="what splits texts into tokens")
    model: dict[str, Any] | None = Field(default=None, description="the shape of the learner")
    matchers: list[dict[str, Any]] | None = Field(default=None, description="what finds candidates by rule")
    sources: list[dict[str, Any]] | None = Field(default=None, description="what is known about texts")
    train: dict[str, Any] | None = Field(default=None, description="how the learner is trained")
    evaluate: dict[str, Any] | None = Field(default=None, description="a source of texts to evaluate on")
    session: dict[str, Any] | None = Field(default=None, description="a teaching session")


class StartKeys(BaseModel):
    """The trained model that training starts from, and rehearsal of what it knows."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    model: str = Field(min_length=1, description="the model folder, relative to the pipeline file")
    rehearse: bool = Field(default=True, description="let the start model keep teaching what it knows")
    rehearse_weight: float = Field(
        default=1.0, gt=0, allow_inf_nan=False, description="factor of the loss of rehearsal"
    )
    rehearse_texts: str | None = Field(
        default=None,
        min_length=1,
        description="a file of more texts for rehearsal; their spans are not used",
    )


class MatcherKeys(BaseModel):
    """The host's keys of a matcher, in addition to ``use``."""

    roles: str | list[str] = Field(alias="as", description="how its hits enter the pipeline")


class SourceKeys(BaseModel):
    """The host's keys of a source, in addition to ``use``."""

    loss: str | dict[str, Any] | list[str | dict[str, Any]] | None = Field(
        default=None,
        description="the loss or losses that compare the learner with it; by default the source's own",
    )
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="factor of the loss")


class SessionKeys(BaseModel):
    """A teaching session: what it asks about, how, and where the answers go.

    The defaults of how it asks are those of ``nerture.sessions.plan.SessionPlan``.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    dataset: Annotated[str, AfterValidator(_check_dataset)] = Field(
        min_length=1, description="the dataset that the answers go to"
    )
    source: str = Field(min_length=1, description="the texts to ask about: a file, or dataset:NAME")
    format: str | dict[str, Any] | None = Field(
        default=None, description="the reader of the file; by default the file decides"
    )
    mode: Mode = Field(default="teach", description="the mode")
    labels: Labels | None = Field(
        default=None,
        description="the labels to ask about, by default all of the pipeline; in retype, those to split",
    )
    subtypes: Labels | None = Field(default=None, description="in retype, the labels to choose from")
    ask: Ask = Field(default="both", description="in teach, the kinds of questions")
    sorter: str | dict[str, Any] = Field(default="uncertain", description="in teach, what is asked first")
    annotators_per_question: int = Field(
        default=1, ge=1, le=1000, description="annotators that answer each question"
    )
    probe_share: float = Field(
        default=0.15, ge=0, le=1, description="in teach, share of questions that evaluate the model"
    )
    pattern_share: float = Field(
        default=0.05, ge=0, le=1, description="in teach, share of questions kept for patterns in doubt"
    )
    surface_cap: int = Field(
        default=2,
        ge=1,
        le=1_000_000,
        description="in teach, questions about the same words per version of the model",
    )
    update_every: int = Field(
        default=1, ge=1, le=1_000_000, description="answers after which a new version of the model is trained"
    )
    segment: bool | None = Field(
        default=None,
        description="in teach, ask about long texts passage by passage; by default, unless `ask: text`",
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="seed of every draw")
    output: str | None = Field(
        default=None, min_length=1, description="the folder of the trained model; by default DATASET-model"
    )
    suggested_patterns: str | None = Field(
        default=None, min_length=1,
        description="the file that accepted new patterns are added to; by default DATASET-patterns.jsonl",
    )  # fmt: skip
