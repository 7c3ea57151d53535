"""Calls into plugins: whatever goes wrong there is reported with the name of the plugin."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn

from nerture.errors import NertureError, PluginError


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin's name, its version ("" if it has none), and where it came from."""

    name: str
    version: str
    origin: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else f"{self.name} ({self.origin})"


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call into a plugin: the part (``loss "hinge"``), and its place in the pipeline file."""

    plugin: PluginInfo
    part: str
    where: str = ""

    def failure(self, message: str) -> PluginError:
        """Make the error for a failure of this call."""
        prefix = f"{self.where}: " if self.where else ""
        return PluginError(f"{prefix}plugin {self.plugin}: {self.part}: {message}")

    def reraise(self, error: Exception) -> NoReturn:
        """Raise what the plugin raised, with its place.

        A ``NertureError`` keeps its class and gains the place in the pipeline. Anything else becomes a
        ``PluginError`` that names plugin, version and part; the original is its cause.
        """
        if isinstance(error, NertureError):
            text = str(error)
            if self.where and not text.startswith(self.where):
                error.args = (f"{self.where}: {text}",)
            raise error
        detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        place = _place(error.__traceback__)
        raise self.failure(f"{detail} ({place})" if place else detail) from error


def _place(trace: TracebackType | None) -> str:
    """Return ``file:line`` of the deepest frame in the file that the host called; "" if there is none."""
    frame = trace.tb_next if trace else None  # the first frame is the host's own
    while frame is not None and frame.tb_frame.f_globals.get("__name__", "").startswith("pluggy"):
        frame = frame.tb_next
    if frame is None:
        return ""
    file, place = frame.tb_frame.f_code.co_filename, ""
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == file:
            place = f"{file}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place
