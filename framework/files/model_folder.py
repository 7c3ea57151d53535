"""What a model folder says of itself, without its weights: ``meta.json`` and ``config.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nerture.core.learner.serialization import META, load_meta
from nerture.errors import ModelFileError
from nerture.files.renamed_keys import rename_config, rename_meta

CONFIG, FILES = "config.yaml", "files"


@dataclass(frozen=True, slots=True)
class SavedMatcher:
    """A matcher of a saved model: its place among them, name, options, and roles."""

    number: int
    use: str
    options: dict[str, Any]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """A saved model's ``meta`` and its ``config``: the pipeline that it was trained by.

    ``files`` maps the paths that the pipeline's matchers use to the model's own copies.
    """

    folder: Path
    meta: dict[str, Any]
    config: dict[str, Any]
    files: dict[str, Path]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model gives."""
        return tuple(self.meta["labels"])

    @property
    def place(self) -> str:
        """What messages call the pipeline in the folder."""
        return str(self.folder / CONFIG)

    def tokenizer(self) -> tuple[str, dict[str, Any]]:
        """Return the tokenizer's name and options; raises ``ModelFileError`` if there is none."""
        return self._part(self.config.get("tokenizer"))

    def matchers(self) -> list[SavedMatcher]:
        """Return the matchers in order; raises ``ModelFileError`` for what is none."""
        parts = self.config.get("matchers")
        if parts is None:  # a key that is left out or empty stands for none
            return []
        if not isinstance(parts, list):
            raise ModelFileError(
                f"{self.place}: matchers: damaged: expected a list, got {type(parts).__name__}"
            )
        return [
            SavedMatcher(number, *self._part(part), _listed(part.get("as", "feature")))
            for number, part in enumerate(parts)
        ]

    def _part(self, part: object) -> tuple[str, dict[str, Any]]:
        """Split a part as the file writes it into its name and its own options."""
        if not (
            isinstance(part, dict)
            and isinstance(part.get("use"), str)
            and isinstance(part.get("as", ""), str | list)
        ):
            raise ModelFileError(f"{self.place}: damaged: expected a part with `use`, got {part!r}")
        return part["use"], {key: value for key, value in part.items() if key not in {"use", "as"}}


def _listed(roles: str | list[str]) -> tuple[str, ...]:
    return (roles,) if isinstance(roles, str) else tuple(roles)


def describe_folder(folder: Path) -> Description:
    """Read the description; raises ``ModelFileError`` if it is missing, damaged, or of a newer format."""
    meta = rename_meta(load_meta(folder))
    config = rename_config(_config(folder / CONFIG))
    try:
        files = {name: folder / place for name, place in dict(meta["files"]).items()}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{folder / META}: damaged ({error!r})") from error
    return Description(folder, meta, config, files)


def _config(path: Path) -> dict[str, Any]:
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFileError(f"{path}: no such file; a model folder has one") from error
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ModelFileError(f"{path}: damaged ({error})") from error
    if not isinstance(config, dict):
        raise ModelFileError(f"{path}: damaged: not a pipeline")
    return config
