"""The key ``start``: the model to continue from, and the defaults that it provides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nerture.config.keys import StartKeys
from nerture.core.learner.serialization import META
from nerture.core.network.settings import ModelSettings
from nerture.errors import ModelFileError, SettingError
from nerture.files.model_folder import Description, describe_folder
from nerture.hosting.roles import AT_PREDICTION
from nerture.registry.validation import Issue, KeyPath, validate

FREE_SETTING = "max_entity_tokens"
"""The only model setting that may differ: no parameter's shape depends on it."""


@dataclass(frozen=True, slots=True)
class StartPart:
    """The model that training starts from, as the pipeline names it, and its description.

    ``longest`` is its longest possible entity, in tokens. ``where`` is file, line and key, for messages.
    """

    model: str
    rehearse: bool
    rehearse_weight: float
    rehearse_texts: str | None
    where: str
    description: Description
    settings: ModelSettings
    longest: int

    @property
    def folder(self) -> Path:
        """The model folder."""
        return self.description.folder

    def as_dict(self) -> dict[str, Any]:
        """Return the key as in a pipeline file."""
        return {
            "model": self.model,
            "rehearse": self.rehearse,
            "rehearse_weight": self.rehearse_weight,
            "rehearse_texts": self.rehearse_texts,
        }

    def tokenizer(self) -> dict[str, Any]:
        """Return the model's tokenizer as in a pipeline file."""
        part = self.description.tokenizer()
        return {"use": part.use, **part.options}

    def matchers(self) -> list[dict[str, Any]]:
        """Return the matchers that the model uses on every text, as in a pipeline file."""
        return [
            {"use": part.use, "as": roles, **part.options}
            for part in self.description.matchers()
            if (roles := [role for role in part.roles if role in AT_PREDICTION])
        ]

    def merge_settings(self, stated: Mapping[str, Any], settings: ModelSettings) -> ModelSettings:
        """Return the model's own settings, with the pipeline's longest entity if it is ``stated``."""
        chosen = settings if FREE_SETTING in stated else self.settings
        return replace(self.settings, max_entity_tokens=chosen.max_entity_tokens)

    def find_conflicts(self, stated: Mapping[str, Any], settings: ModelSettings) -> Iterator[Issue]:
        """Yield an issue for each setting of the pipeline that contradicts the start model."""
        own = asdict(self.settings)
        for name, value in asdict(settings).items():
            if name == FREE_SETTING:
                if value is not None and value < self.longest:
                    yield Issue(
                        ("model", name),
                        f"expected {self.longest} or more, the longest entity of {self.model}, got {value}",
                    )
            elif name in stated and value != own[name]:
                yield Issue(
                    ("model", name),
                    f"expected {own[name]}, as in the start model {self.model}, got {value}; "
                    "leave it out, or train without `start`",
                )


def read_start(raw: Any, base_dir: Path, where: str) -> tuple[StartPart | None, list[Issue]]:
    """Check the key's value and read the description of the model folder."""
    path: KeyPath = ("start",)
    values = {"model": raw} if isinstance(raw, str) else raw
    if not isinstance(values, dict):
        return None, []  # refused elsewhere
    keys, issues = validate(StartKeys, values, path)
    if keys is None:
        return None, [Issue(path, "expected a model folder, got an empty path")] if raw == "" else issues
    try:
        description = describe_folder(base_dir / Path(keys.model).expanduser())
        settings, longest = _read_shape(description)
        part = StartPart(
            **keys.model_dump(), where=where, description=description, settings=settings, longest=longest
        )
        _ = part.tokenizer(), part.matchers()  # raises if they are damaged
    except ModelFileError as error:
        return None, [Issue(path if isinstance(raw, str) else (*path, "model"), str(error))]
    return part, []


def _read_shape(description: Description) -> tuple[ModelSettings, int]:
    """Return the model's settings and its longest entity; raises ``ModelFileError`` if they are damaged."""
    meta = description.meta
    try:
        longest = meta["longest_entity"]
        if not isinstance(longest, int) or longest < 1:
            raise ValueError(f"longest_entity {longest!r}")
        return ModelSettings(**meta["settings"]), longest
    except (KeyError, TypeError, ValueError, SettingError) as error:
        raise ModelFileError(f"{description.folder / META}: damaged ({error!r})") from error
