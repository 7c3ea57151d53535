"""The key ``start``: the model to go on from, and what the pipeline leaves to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nerture.config.keys import AT_PREDICTION, StartKeys
from nerture.core.learner.serialization import META
from nerture.core.network.settings import ModelSettings
from nerture.errors import ModelFileError, SettingError
from nerture.files.model_folder import Description, describe_folder
from nerture.registry.validation import Issue, KeyPath, validate

FREE_SETTING = "max_entity_tokens"
"""The one setting of the model that may differ: it is the shape of no parameter."""


@dataclass(frozen=True, slots=True)
class StartPart:
    """The model that training starts from, as the pipeline names it, and where it lies.

    ``longest`` is the longest entity that it finds, in tokens. ``where`` is file, line and key, for messages.
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
        """Return the key as the pipeline file writes it."""
        return {
            "model": self.model,
            "rehearse": self.rehearse,
            "rehearse_weight": self.rehearse_weight,
            "rehearse_texts": self.rehearse_texts,
        }

    def tokenizer(self) -> dict[str, Any]:
        """Return the model's tokenizer as a pipeline writes it."""
        use, options = self.description.tokenizer()
        return {"use": use, **options}

    def matchers(self) -> list[dict[str, Any]]:
        """Return the matchers that the model asks about every text, as a pipeline writes them."""
        return [
            {"use": part.use, "as": roles, **part.options}
            for part in self.description.matchers()
            if (roles := [role for role in part.roles if role in AT_PREDICTION])
        ]

    def shape(self, stated: Mapping[str, Any], settings: ModelSettings) -> ModelSettings:
        """Return the model's own settings, with the longest entity if the pipeline has ``stated`` it."""
        chosen = settings if FREE_SETTING in stated else self.settings
        return replace(self.settings, max_entity_tokens=chosen.max_entity_tokens)

    def differing(self, stated: Mapping[str, Any], settings: ModelSettings) -> Iterator[Issue]:
        """Yield what the pipeline states of the model's shape and the model contradicts."""
        own = asdict(self.settings)
        for name, value in asdict(settings).items():
            if name == FREE_SETTING:
                if value is not None and value < self.longest:
                    yield Issue(
                        ("model", name),
                        f"found {value}, but {self.model} finds entities of {self.longest} tokens; "
                        f"allowed is {self.longest} or more",
                    )
            elif name in stated and value != own[name]:
                yield Issue(
                    ("model", name),
                    f"found {value}, but {self.model}, which training starts from, has {own[name]}; "
                    "leave it out, or train without `start`",
                )


def read_start(raw: Any, base_dir: Path, where: str) -> tuple[StartPart | None, list[Issue]]:
    """Check the key's value and read what the model folder says of itself."""
    path: KeyPath = ("start",)
    given = {"model": raw} if isinstance(raw, str) else raw
    if not isinstance(given, dict):
        return None, []  # refused elsewhere
    keys, issues = validate(StartKeys, given, path)
    if keys is None:
        return None, [Issue(path, "found an empty path")] if raw == "" else issues
    try:
        description = describe_folder(base_dir / Path(keys.model).expanduser())
        settings, longest = _shape(description)
        part = StartPart(
            **keys.model_dump(), where=where, description=description, settings=settings, longest=longest
        )
        _ = part.tokenizer(), part.matchers()  # damage shows here
    except ModelFileError as error:
        return None, [Issue(path if isinstance(raw, str) else (*path, "model"), str(error))]
    return part, []


def _shape(description: Description) -> tuple[ModelSettings, int]:
    """Return the model's settings and its longest entity; raises ``ModelFileError`` where it is damaged."""
    meta = description.meta
    try:
        longest = meta["longest_entity"]
        if not isinstance(longest, int) or longest < 1:
            raise ValueError(f"longest_entity {longest!r}")
        return ModelSettings(**meta["settings"]), longest
    except (KeyError, TypeError, ValueError, SettingError) as error:
        raise ModelFileError(f"{description.folder / META}: damaged ({error!r})") from error
