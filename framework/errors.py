"""Every error that nerture raises on purpose."""

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
    """A pipeline file that cannot be used: names file, line, key path, what was expected, what was there."""


class PluginError(NertureError):
    """A plugin that failed: names the plugin, its version, and the part or hook."""


class StoreError(DataError):
    """A store that failed: locked, full, out of reach. Saving may be tried again."""


class CorpusError(DataError):
    """One or more rows that cannot be used; ``problems`` lists them all."""

    def __init__(self, message: str, problems: tuple[object, ...] = ()) -> None:
        self.problems = problems
        super().__init__(message)
