"""Plain text, a text a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from nerture.core.annotations.line_reader import decoded_lines
from nerture.hookspecs import hookimpl
from nerture.interfaces import Options, Origin, Problem, Record, Register, Services


class TextReader:
    """Reads each line, the empty ones too, as a text that says nothing about entities."""

    suffixes = (".txt", ".text")

    def sniff(self, head: str) -> bool:
        """Claim no file: text is what is left when no other format fits."""
        return False

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield the texts."""
        for line in decoded_lines(stream, name):
            if isinstance(line, Problem):
                yield line
            else:
                yield Record(line.text, Origin(name, line.number))


def make_reader(options: Options, services: Services) -> TextReader:
    """Make the reader ``text``."""
    return TextReader()


@hookimpl
def nerture_register_readers(register: Register) -> None:
    """Hand in ``text``."""
    register("text", make_reader)
