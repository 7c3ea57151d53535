"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from nerture.errors import DataError


class AtomicFile:
    """A context in which bytes go to ``stream``; at its end they take the place of ``path`` at once.

    If the block raises, or sets ``keep`` to False, nothing appears and what stood at ``path`` stays. Raises
    ``DataError`` when the file cannot be made or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keep = True
        self._statistics = path.with_name(f".{path.name}.{os.getpid()}.part")
        self.stream: BinaryIO

    def __enter__(self) -> AtomicFile:
        try:
            self.stream = self._statistics.open("xb")
        except OSError as error:
            raise self._failed(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None and self.keep:
                self.stream.flush()
                os.fsync(self.stream.fileno())
                self.stream.close()
                self._statistics.replace(self.path)
        except OSError as failure:
            raise self._failed(failure) from failure
        finally:
            self._discard()
        if isinstance(error, OSError):
            raise self._failed(error) from error

    def _discard(self) -> None:
        with suppress(OSError):  # what the buffer still holds may not fit on the disk
            self.stream.close()
        self._statistics.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> DataError:
        return DataError(f"{self.path}: cannot be written: {error.strerror or error}")
