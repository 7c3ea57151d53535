"""Reads what the annotator does: single keys of a terminal, or lines of anything else."""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

NAMES = {
    "\r": "enter",
    "\n": "enter",
    "\x7f": "undo",
    "\x08": "undo",
    " ": "ignore",
    "a": "accept",
    "x": "reject",
    "i": "ignore",
    "u": "undo",
    "f": "flag",
    "m": "edit",
    "p": "patterns",
    "q": "end",
    "\x04": "end",
    "?": "help",
    "h": "help",
}
"""What each key does; digits choose labels."""


class Keys(Protocol):
    """Reads the annotator's actions one at a time."""

    waits: bool
    """Whether a person answers: errors are shown, and they can try again."""

    def next(self) -> str:
        """Return a name of ``NAMES``, a digit, ``""`` for a key without meaning, ``end`` at the end."""

    def read_line(self, prompt: str) -> str:
        """Show ``prompt`` and return a line of text; empty at the end."""


def find_action(key: str) -> str:
    """Return the action of a key: a name of ``NAMES``, a digit, or ``""``."""
    if key in NAMES:
        return NAMES[key]
    return key if key in "123456789" else NAMES.get(key.lower(), "")


class LineKeys:
    """One letter per line, from a file or a pipe; an empty line is the Enter key."""

    waits = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def next(self) -> str:
        """Read a line: its first letter, or a word such as ``undo``."""
        line = self._stream.readline()
        if not line:
            return "end"
        line = line.rstrip("\r\n")
        if line in NAMES.values():
            return line
        return find_action(line[0]) if line else "enter"

    def read_line(self, prompt: str) -> str:
        """Read a line; ``prompt`` is not shown."""
        return self._stream.readline().strip()


class TerminalKeys:
    """Single keys of a terminal without echo; Ctrl-C still interrupts."""

    waits = True

    def __init__(self, descriptor: int, write: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._write = write
        self._before = termios.tcgetattr(descriptor)

    def next(self) -> str:
        """Read a key; keys that send several bytes (arrows, non-ASCII letters) have no meaning."""
        data = os.read(self._descriptor, 64)
        if not data:
            return "end"
        return find_action(data.decode("ascii", "replace")) if len(data) == 1 else ""

    def read_line(self, prompt: str) -> str:
        """Read a line with the terminal's usual editing."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
        try:
            self._write(prompt)
            return sys.stdin.readline().strip()
        finally:
            tty.setcbreak(self._descriptor, termios.TCSADRAIN)

    def restore(self) -> None:
        """Restore the terminal's settings."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)


@contextmanager
def open_keys(stream: TextIO, write: Callable[[str], None]) -> Iterator[Keys]:
    """Yield the keys of a terminal, or the lines of anything else; restore the terminal at the end."""
    if not stream.isatty():
        yield LineKeys(stream)
        return
    keys = TerminalKeys(stream.fileno(), write)
    try:
        tty.setcbreak(stream.fileno(), termios.TCSADRAIN)
        yield keys
    finally:
        keys.restore()
