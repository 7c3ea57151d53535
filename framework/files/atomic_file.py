"""Files that are written completely or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from nerture.errors import DataError


class AtomicFile:
    """A context in which bytes are written to ``stream``; at its end they replace the file ``path`` at once.

    If the block raises, or sets ``keep`` to False, ``path`` is not changed. Raises ``DataError`` if the file
    cannot be made or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keep = True
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        self.stream: BinaryIO

    def __enter__(self) -> AtomicFile:
        try:
            self.stream = self._temporary.open("xb")
        except OSError as error:
            raise self._error(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None and self.keep:
                self.stream.flush()
                os.fsync(self.stream.fileno())
                self.stream.close()
                self._temporary.replace(self.path)
        except OSError as failure:
            raise self._error(failure) from failure
        finally:
            self._discard()
        if isinstance(error, OSError):
            raise self._error(error) from error

    def _discard(self) -> None:
        with suppress(OSError):  # the rest of the buffer may not fit on the disk
            self.stream.close()
        self._temporary.unlink(missing_ok=True)

    def _error(self, error: OSError) -> DataError:
        return DataError(f"{self.path}: cannot be written: {error.strerror or error}")
