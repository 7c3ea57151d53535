"""Plain text, one text per line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from nerture import hookimpl
from nerture.interfaces import Options, Origin, Problem, Record, Register, Services, decode_lines


class TextReader:
    """Reads each line, also empty ones, as a text without annotations."""

    suffixes = (".txt", ".text")

    def sniff(self, head: str) -> bool:
        """Return False: this is the format of files that no other reader recognizes."""
        return False

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield the texts."""
        for line in decode_lines(stream, name):
            if isinstance(line, Problem):
                yield line
            else:
                yield Record(line.text, Origin(name, line.number))


def make_reader(options: Options, services: Services) -> TextReader:
    """Make the reader ``text``."""
    return TextReader()


@hookimpl
def nerture_register_readers(register: Register) -> None:
    """Register ``text``."""
    register("text", make_reader)
