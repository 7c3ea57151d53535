"""The errors that the core, the patterns and the host raise: what went wrong, and where."""

from __future__ import annotations

from dataclasses import dataclass


class NertureError(Exception):
    """Base of every error that nerture raises on purpose; its text is meant for the user as it stands."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of input stands: a file (or ``<stdin>``) and its line from 1 on; 0 is the whole file."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class DataError(NertureError):
    """Input that cannot be used: the message names file, line and character offset where it can."""

    def __init__(self, message: str, origin: Origin | None = None) -> None:
        self.origin = origin
        super().__init__(f"{origin}: {message}" if origin else message)


class ConflictError(DataError):
    """Knowledge about one text that contradicts itself: no analysis agrees with all of it."""


class PatternError(DataError):
    """Patterns that the pattern language refuses; ``problems`` lists them (``core.annotations.record``)."""

    def __init__(self, message: str, origin: Origin | None = None, problems: tuple[object, ...] = ()) -> None:
        self.problems = problems
        super().__init__(message, origin)


class SettingError(NertureError):
    """A hyperparameter or option that is unknown, of the wrong type or out of range."""


class ModelFileError(NertureError):
    """A model folder that is missing, damaged, foreign, or of a newer format."""
