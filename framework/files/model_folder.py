"""The description of a model folder, without its weights: ``meta.json`` and ``config.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nerture.core.folder_files import locate
from nerture.core.learner.serialization import META, load_meta
from nerture.errors import ConfigError, ModelFileError
from nerture.files.renamed_keys import rename_config, rename_meta
from nerture.files.yaml_lines import MAX_BYTES, parse, read_text
from nerture.files.yaml_writing import dump

CONFIG, FILES = "config.yaml", "files"


@dataclass(frozen=True, slots=True)
class SavedPart:
    """A part of a saved ``model``: its name, its options, and its place in the folder, for messages."""

    use: str
    options: dict[str, Any]
    where: str
    model: Description


@dataclass(frozen=True, slots=True)
class SavedMatcher(SavedPart):
    """A matcher of a saved model, with its roles."""

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
        """The labels of the model."""
        return tuple(self.meta["labels"])

    @property
    def place(self) -> str:
        """The name of the pipeline in the folder, for messages."""
        return str(self.folder / CONFIG)

    def resolve(self, path: str) -> Path:
        """Return where a path of the pipeline is: the model's own copy, else a file of its folder.

        Raises ``ModelFileError`` for any other path: a model reads nothing beyond its folder.
        """
        return self.files[path] if path in self.files else _locate(self.folder, path, f"the path {path!r}")

    def tokenizer(self) -> SavedPart:
        """Return the tokenizer; raises ``ModelFileError`` if there is none."""
        return SavedPart(*self._split(self.config.get("tokenizer")), f"{self.place}: tokenizer", self)

    def matchers(self) -> list[SavedMatcher]:
        """Return the matchers in order; raises ``ModelFileError`` if one is damaged."""
        parts = self.config.get("matchers")
        if parts is None:  # a missing or empty key means none
            return []
        if not isinstance(parts, list):
            raise ModelFileError(
                f"{self.place}: matchers: damaged: expected a list, got {type(parts).__name__}"
            )
        return [
            SavedMatcher(
                *self._split(part),
                f"{self.place}: matchers[{number}]",
                self,
                _to_tuple(part.get("as", "feature")),
            )
            for number, part in enumerate(parts)
        ]

    def _split(self, part: object) -> tuple[str, dict[str, Any]]:
        """Split a part as it is in the file into its name and its options."""
        if not (
            isinstance(part, dict)
            and isinstance(part.get("use"), str)
            and isinstance(part.get("as", ""), str | list)
        ):
            raise ModelFileError(f"{self.place}: damaged: expected a part with `use`, got {part!r}")
        return part["use"], {key: value for key, value in part.items() if key not in {"use", "as"}}


def _to_tuple(roles: str | list[str]) -> tuple[str, ...]:
    return (roles,) if isinstance(roles, str) else tuple(roles)


def describe_folder(folder: Path) -> Description:
    """Read the description.

    Raises ``ModelFileError`` if it is missing, damaged, of a newer format, or names files beyond the folder.
    """
    meta = rename_meta(load_meta(folder))
    config = rename_config(_read_config(folder))
    if "files" not in meta:
        raise ModelFileError(f"{folder / META}: damaged: files: missing")
    files = {
        name: _locate(folder, place, f"{folder / META}: files[{name!r}]")
        for name, place in meta["files"].items()
    }
    return Description(folder, meta, config, files)


def _locate(folder: Path, place: str, where: str) -> Path:
    try:
        return locate(folder, place, where)
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{where}: expected a regular file within {folder}, got {place!r}, which is not there"
        ) from error


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        config = parse(read_text(locate(folder, CONFIG, str(path))), str(path), None).value
    except FileNotFoundError as error:
        raise ModelFileError(f"{path}: no such file; every model folder has one") from error
    except ConfigError as error:
        raise ModelFileError(str(error)) from error
    if not isinstance(config, dict):
        raise ModelFileError(f"{path}: damaged: expected a pipeline, got {type(config).__name__}")
    return config


def format_config(config: Mapping[str, Any]) -> str:
    """Return the text of ``config.yaml``; raises ``ModelFileError`` if it could not be read back."""
    try:
        text = dump(dict(config))
        if (size := len(text.encode())) > MAX_BYTES:
            raise ConfigError(f"expected at most {MAX_BYTES:,} bytes as YAML, got {size:,}")
        parse(text, CONFIG, None)
    except ConfigError as error:
        raise ModelFileError(f"the pipeline cannot be saved with its model: {error}") from error
    return text
