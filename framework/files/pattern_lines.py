"""Lines added to a pattern file that may be its user's own: what stands there stays, nothing comes twice."""

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
    """Raise ``ConfigError`` where no lines could be added: better said before the work than after it."""
    if path.exists() and not path.is_file():
        raise ConfigError(f"{option} {path}: is no file; a file is wanted there")
    if path.suffix == ".gz":
        raise ConfigError(f"{option} {path}: lines are added to plain files only; leave out the .gz")
    if not path.parent.is_dir():
        raise ConfigError(f"{option} {path}: there is no folder {path.parent}")


def add_lines(path: Path, rows: Sequence[str]) -> int:
    """Add those patterns to the end of a file that it does not have; return how many these are.

    A pattern is there if a line has the same label and the same pattern, whatever else the line says. The
    file is made if there is something to add. Raises ``DataError`` when it cannot be read or written; then
    all of it is as it was.
    """
    if not rows:
        return 0
    try:
        with _opened(path) as file:
            with suppress(OSError):  # not every file system has locks
                fcntl.flock(file, fcntl.LOCK_EX)
            content = file.read()
            there = _patterns(content)
            new = [row for row in dict.fromkeys(rows) if _pattern(row) not in there]
            added = "".join(f"{row}\n" for row in new).encode()
            if added and content and not content.endswith(b"\n"):
                added = b"\n" + added
            _add(file, len(content), added)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from error
    return len(new)


def has_lines(path: Path, rows: Sequence[str]) -> int:
    """Return how many of the patterns a file has; none if it cannot be read."""
    try:
        there = _patterns(path.read_bytes())
    except OSError:
        return 0
    return sum(_pattern(row) in there for row in rows)


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "r+b", buffering=0)


def _add(file: BinaryIO, end: int, added: bytes) -> None:
    """Write at the end; what the disk does not take whole is taken back."""
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
    """Return what a line says, in one form; None: it is no pattern."""
    try:
        row: Any = json.loads(line)
        return json.dumps([row["label"], row["pattern"]], sort_keys=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
