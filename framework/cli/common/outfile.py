"""Where rows go: a file that appears whole or not at all, gzip if its name says so, or standard output."""

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
def opened(path: str) -> Iterator[TextIO]:
    """Give a stream of UTF-8 text; ``-`` is standard output.

    What is there and no regular file (a pipe, a device) is written directly.

    Raises ``DataError`` when the disk refuses; what stood at ``path`` then stays.
    """
    place = Path(path)
    if path == STDOUT:
        with _text(sys.stdout.buffer) as stream:
            yield stream
    elif place.is_dir():
        raise DataError(f"{path}: is a folder; a file is wanted there")
    elif place.exists() and not place.is_file():
        try:
            with place.open("wb") as device, _text(device) as stream:
                yield stream
        except BrokenPipeError:
            raise
        except OSError as error:
            raise DataError(f"{path}: cannot be written: {error.strerror or error}") from error
    else:
        with AtomicFile(place.resolve()) as whole, _zipped(path, whole.stream) as file, _text(file) as stream:
            yield stream


@contextmanager
def _text(binary: BinaryIO) -> Iterator[TextIO]:
    """Give ``binary`` as text; it stays open."""
    stream = io.TextIOWrapper(binary, encoding="utf-8", newline="\n", write_through=False)
    try:
        yield stream
        stream.flush()
    finally:
        _detach(stream)


def _detach(stream: io.TextIOWrapper) -> None:
    """Let go of the stream below; what a full disk did not take goes with the file, which never appears."""
    try:
        stream.detach()
    except OSError:
        if sys.exc_info()[1] is None:
            raise


@contextmanager
def _zipped(path: str, binary: BinaryIO) -> Iterator[BinaryIO]:
    """Give ``binary``, through gzip if the path ends so; the same rows give the same bytes."""
    if not path.endswith(".gz"):
        yield binary
        return
    with gzip.GzipFile(fileobj=binary, mode="wb", filename="", mtime=0) as zipped:
        yield cast(BinaryIO, zipped)
