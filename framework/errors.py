"""Every error that nerture raises on purpose, in one place to import from."""

from __future__ import annotations

from nerture.core.errors import (
    ConflictError,
    DataError,
    ModelFileError,
    NertureError,
    Origin,
    PatternError,
    SettingError,
)

__all__ = [
    "ConfigError",
    "ConflictError",
    "CorpusError",
    "DataError",
    "ModelFileError",
    "NertureError",
    "Origin",
    "PatternError",
    "PluginError",
    "SettingError",
    "StoreError",
]


class ConfigError(NertureError):
    """A pipeline file that cannot be used: names file, line, key path, what was found and what is allowed."""


class PluginError(NertureError):
    """A plugin that failed: names the plugin, its version and the hook."""


class StoreError(DataError):
    """A store that fails: locked, full, out of reach. What was to be saved may come again."""


class CorpusError(DataError):
    """One or more rows that cannot be used; ``problems`` lists them all."""

    def __init__(self, message: str, problems: tuple[object, ...] = ()) -> None:
        self.problems = problems
        super().__init__(message)
