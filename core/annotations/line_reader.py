"""Decodes bytes to lines of text: strict UTF-8, in bounded memory whatever the bytes are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from nerture.core.annotations.record import Problem
from nerture.core.errors import Origin

MAX_LINE_BYTES = 64 * 2**20
"""Longer lines are refused, so that a file without line ends (or a gzip bomb) cannot exhaust the memory."""

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """A line without its end, and its number in the file, counted from 1."""

    number: int
    text: str


def decode_lines(stream: BinaryIO, name: str) -> Iterator[Line | Problem]:
    r"""Yield the lines of ``stream`` (called ``name`` in messages), or their problems.

    Only ``\n`` and ``\r\n`` end a line; other characters that look like line ends are text. A byte order mark
    is dropped. Problem codes: ``not-utf8``, ``line-too-long``.
    """
    number = position = 0
    while raw := stream.readline(MAX_LINE_BYTES):
        number += 1
        start, length = position, len(raw)
        position += length
        if length == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            position += _skip_line(stream)
            message = f"expected a line of at most {MAX_LINE_BYTES // 2**20} MiB, got a longer one"
            yield Problem(Origin(name, number), "line-too-long", message)
            continue
        if number == 1:
            if raw.startswith(_UTF16_BOMS):
                message = "expected UTF-8, got UTF-16; save the file as UTF-8"
                yield Problem(Origin(name), "not-utf8", message)
                return
            if raw.startswith(_UTF8_BOM):
                raw, start = raw[3:], 3
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")
        try:
            yield Line(number, raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            where = f"byte {raw[error.start]:#04x} at offset {start + error.start} of the file"
            message = f"not UTF-8: {where} ({error.start} of the line): {error.reason}"
            escaped = raw.decode("utf-8", errors="surrogateescape")
            yield Problem(Origin(name, number), "not-utf8", message, escaped)


def _skip_line(stream: BinaryIO) -> int:
    """Read to the end of the line; return the number of bytes skipped."""
    skipped = 0
    while raw := stream.readline(MAX_LINE_BYTES):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped
