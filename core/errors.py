"""The errors that the core, the patterns and the host raise."""

from __future__ import annotations

from dataclasses import dataclass


class NertureError(Exception):
    """Base of all errors that nerture raises on purpose; their messages are written for users."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The place of some input: a file (or ``<stdin>``) and a line, counted from 1; 0 is the whole file."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class DataError(NertureError):
    """Unusable input: the message names file, line and character offset if possible."""

    def __init__(self, message: str, origin: Origin | None = None) -> None:
        self.origin = origin
        super().__init__(f"{origin}: {message}" if origin else message)


class ConflictError(DataError):
    """Contradictory knowledge about one text: no analysis agrees with all of it."""


class PatternError(DataError):
    """Invalid patterns; ``problems`` lists what is wrong with them (``core.annotations.record``)."""

    def __init__(self, message: str, origin: Origin | None = None, problems: tuple[object, ...] = ()) -> None:
        self.problems = problems
        super().__init__(message, origin)


class SettingError(NertureError):
    """A hyperparameter or option that is unknown, of the wrong type or out of range."""


class ModelFileError(NertureError):
    """A model folder that is missing, damaged, not one of nerture's, or of a newer format."""
