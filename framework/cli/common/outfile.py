"""Opens outputs: files that appear whole or not at all, gzipped if their name says so, or standard output."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from nerture.errors import DataError
from nerture.files.atomic_file import AtomicFile

STDOUT = "-"


@contextmanager
def open_output(path: str) -> Iterator[TextIO]:
    """Yield a stream of UTF-8 text; ``-`` is standard output.

    An existing path that is no regular file (a pipe, a device) is written directly. Raises ``DataError`` if
    it cannot be written; an existing file is then unchanged.
    """
    target = Path(path)
    if path == STDOUT:
        with _as_text(sys.stdout.buffer) as stream:
            yield stream
    elif target.is_dir():
        raise DataError(f"{path}: expected a file, got a folder")
    elif target.exists() and not target.is_file():
        try:
            with target.open("wb") as device, _as_text(device) as stream:
                yield stream
        except BrokenPipeError:
            raise
        except OSError as error:
            raise DataError(f"{path}: cannot be written: {error.strerror or error}") from error
    else:
        with (
            AtomicFile(target.resolve()) as whole,
            _as_gzip(path, whole.stream) as file,
            _as_text(file) as stream,
        ):
            yield stream


@contextmanager
def _as_text(binary: BinaryIO) -> Iterator[TextIO]:
    """Yield ``binary`` as text; it stays open."""
    stream = io.TextIOWrapper(binary, encoding="utf-8", newline="\n", write_through=False)
    try:
        yield stream
        stream.flush()
    finally:
        _detach(stream)


def _detach(stream: io.TextIOWrapper) -> None:
    """Detach the binary stream; what a full disk did not take is lost with the file, which never appears."""
    try:
        stream.detach()
    except OSError:
        if sys.exc_info()[1] is None:
            raise


@contextmanager
def _as_gzip(path: str, binary: BinaryIO) -> Iterator[BinaryIO]:
    """Yield ``binary``, through gzip if the path ends in ``.gz``; the same rows give the same bytes."""
    if not path.endswith(".gz"):
        yield binary
        return
    with gzip.GzipFile(fileobj=binary, mode="wb", filename="", mtime=0) as zipped:
        yield cast(BinaryIO, zipped)
