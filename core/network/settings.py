"""The learner's hyperparameters: each has a documented name, a type and a range, which is checked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

from nerture.core.errors import SettingError


def setting(
    default: float | int | None, help: str, *, ge: float | None = None, le: float | None = None
) -> Any:
    """Declare a field with its documentation and inclusive range, as metadata for other layers."""
    return field(default=default, metadata={"help": help, "ge": ge, "le": le})


class Settings:
    """Base of the settings: checks every declared type and range on construction."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            low, high = item.metadata["ge"], item.metadata["le"]
            if value is None and item.default is None:
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            whole = "int" in str(item.type)
            if not number or (whole and not isinstance(value, int)):
                kind = "a whole number" if whole else "a number"
                raise SettingError(f"{item.name}: expected {kind}, got {value!r}")
            if (low is not None and value < low) or (high is not None and value > high) or math.isnan(value):
                raise SettingError(f"{item.name}: expected {low} to {high}, got {value!r}")


MAX_ENTITY_TOKENS = 200
"""Limit of a learner's longest entity, in tokens: its states take memory and time."""


@dataclass(frozen=True, slots=True)
class ModelSettings(Settings):
    """The shape of the learner."""

    width: int = setting(96, "width of a token's vector", ge=8, le=1024)
    depth: int = setting(2, "residual blocks; each sees one more token on either side", ge=0, le=16)
    pieces: int = setting(3, "maxout pieces of the encoder", ge=2, le=8)
    hidden: int = setting(64, "width of the scorer's hidden layer", ge=8, le=512)
    max_entity_tokens: int | None = setting(
        None,
        "longest entity in tokens; by default 10, or the longest in training if that is longer",
        ge=1,
        le=MAX_ENTITY_TOKENS,
    )


@dataclass(frozen=True, slots=True)
class TrainSettings(Settings):
    """How the learner is trained."""

    seed: int = setting(0, "seed of everything random", ge=0, le=2**31 - 1)
    batch_words: int = setting(1000, "words in a batch", ge=1, le=100_000)
    dropout: float = setting(0.5, "share of activations dropped", ge=0.0, le=0.9)
    word_dropout: float = setting(0.2, "share of words hidden except for their shape", ge=0.0, le=0.9)
    attribute_dropout: float = setting(0.1, "share of single attributes hidden", ge=0.0, le=0.9)
    unk_dropout: float = setting(
        0.5,
        "a: a word seen n times in training is treated as unknown with probability a / (a + n)",
        ge=0.0,
        le=100.0,
    )
    learn_rate: float = setting(0.001, "step size of Adam", ge=1e-7, le=1.0)
    weight_decay: float = setting(1.0, "decoupled weight decay", ge=0.0, le=10.0)
    clip: float = setting(1.0, "largest norm of the gradient", ge=1e-6, le=1e6)
    average: float = setting(0.999, "share that the running average keeps at each step", ge=0.0, le=0.999999)
    patience: int = setting(1000, "steps without a better evaluation before training ends", ge=0, le=10**9)
    max_steps: int = setting(20_000, "steps at most", ge=1, le=10**9)
    evaluate_every: int = setting(200, "steps between evaluations", ge=1, le=10**9)
    refit: float = setting(
        1.0,
        "epochs on all texts, including held-out ones, for each epoch up to the best step; 0: none",
        ge=0.0,
        le=10.0,
    )
    dev_share: float = setting(
        0.1, "share of the training texts held out when there is no `evaluate`", ge=0.01, le=0.9
    )
    folds: int | None = setting(
        None,
        "parts for cross-validation, which evaluates and calibrates on all texts when there is no `evaluate`",
        ge=2,
        le=100,
    )
