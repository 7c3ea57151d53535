"""Input as a stream of bytes: a file or standard input, gzip or not, with errors that name it."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from nerture.core.suggest_name import suggest_name
from nerture.errors import DataError

STDIN = "-"
BUFFER_BYTES = 65_536
GZIP_MAGIC = b"\x1f\x8b"


def source_name(path: Path | str) -> str:
    """Return the name of a file, or of standard input, for messages."""
    return "<stdin>" if str(path) == STDIN else str(path)


def open_bytes(path: Path | str, where: str = "") -> io.BufferedReader[Any]:
    """Open a file (``-`` for standard input) for reading; gzip is recognized by its first bytes.

    Raises ``DataError``, with ``where`` at its end, if it cannot be opened; so does reading from the stream.
    """
    name = source_name(path)
    below = sys.stdin.buffer if str(path) == STDIN else _open_file(Path(path), where)
    stream: io.BufferedReader[Any] = io.BufferedReader(_Source(below, name, where), BUFFER_BYTES)
    if stream.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
        return io.BufferedReader(_Gunzip(stream, name, where), BUFFER_BYTES)
    return stream


def _open_file(path: Path, where: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file{_suggest_file(path)}{where}") from None
    except IsADirectoryError:
        raise DataError(f"{path}: expected a file, got a folder{where}") from None
    except PermissionError:
        raise DataError(f"{path}: no permission to read it{where}") from None
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        why = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be opened: {why}{where}") from None


def _suggest_file(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        return f": there is no folder {path.parent}"
    near = suggest_name(path.name, names)
    return f"; did you mean {near}?" if near else ""


class _Source(io.RawIOBase):
    """A stream that raises ``DataError``; closes the one below, unless that is standard input."""

    def __init__(self, below: BinaryIO, name: str, where: str) -> None:
        self._below = below
        self._name, self._where = name, where

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        """Return what is available, up to ``size`` bytes, without waiting for more."""
        try:
            return self._below.read1(size)  # type: ignore[attr-defined,no-any-return]  # not in BinaryIO
        except OSError as error:
            raise DataError(f"{self._name}: {error.strerror or error}{self._where}") from error

    def close(self) -> None:
        if not self.closed and self._below is not sys.stdin.buffer:
            self._below.close()
        super().close()


class _Gunzip(_Source):
    """The same for gzip."""

    def __init__(self, below: BinaryIO, name: str, where: str) -> None:
        super().__init__(below, name, where)
        self._zip = gzip.GzipFile(fileobj=below)

    def _read(self, size: int) -> bytes:
        try:
            return self._zip.read1(size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"{self._name}: damaged gzip file: {error}{self._where}") from error
