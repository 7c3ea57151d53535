"""Adds patterns to a pattern file, which may be the user's own: keeps its lines, and adds no duplicates."""

from __future__ import annotations

import codecs
import fcntl
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from nerture.errors import ConfigError, DataError


def check_place(path: Path, option: str) -> None:
    """Raise ``ConfigError`` if no lines could be added to the file, before work is lost."""
    if path.exists() and not path.is_file():
        raise ConfigError(f"{option} {path}: expected a file, got something else")
    if path.suffix == ".gz":
        raise ConfigError(f"{option} {path}: lines are added to plain files only; leave out the .gz")
    if not path.parent.is_dir():
        raise ConfigError(f"{option} {path}: there is no folder {path.parent}")


def add_lines(path: Path, rows: Sequence[str]) -> int:
    """Add the patterns that a file does not have to its end; return how many these are.

    The file has a pattern if a line has the same label and the same pattern, whatever else is in the line. It
    is created if there is something to add. Raises ``DataError`` if it cannot be read or written; then it is
    not changed.
    """
    if not rows:
        return 0
    try:
        with _open(path) as file:
            with suppress(OSError):  # not every file system has locks
                fcntl.flock(file, fcntl.LOCK_EX)
            content = file.read()
            present = _patterns(content)
            new = [row for row in dict.fromkeys(rows) if _pattern(row) not in present]
            added = "".join(f"{row}\n" for row in new).encode()
            if added and content and not content.endswith(b"\n"):
                added = b"\n" + added
            _add(file, len(content), added)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from error
    return len(new)


def count_present(path: Path, rows: Sequence[str]) -> int:
    """Return how many of the patterns a file has; 0 if it cannot be read."""
    try:
        present = _patterns(path.read_bytes())
    except OSError:
        return 0
    return sum(_pattern(row) in present for row in rows)


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "r+b", buffering=0)


def _add(file: BinaryIO, end: int, added: bytes) -> None:
    """Write at the end; if the disk fails, restore the old length."""
    try:
        file.seek(end)
        while added:
            added = added[file.write(added) :]
        os.fsync(file.fileno())
    except OSError:
        file.truncate(end)
        raise


def _patterns(content: bytes) -> set[str]:
    lines = content.removeprefix(codecs.BOM_UTF8).split(b"\n")
    return {pattern for line in lines if (pattern := _pattern(line)) is not None}


def _pattern(line: str | bytes) -> str | None:
    """Return a line's label and pattern in a normal form; None if it is not a pattern."""
    try:
        row: Any = json.loads(line)
        return json.dumps([row["label"], row["pattern"]], sort_keys=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
