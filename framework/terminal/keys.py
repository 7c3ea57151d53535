"""Where answers come from: single keys of a terminal, or lines where there is none."""

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
    "m": "mend",
    "p": "patterns",
    "q": "end",
    "\x04": "end",
    "?": "help",
    "h": "help",
}
"""What each key does; digits are labels."""


class Keys(Protocol):
    """Gives what the annotator does, one thing at a time."""

    waits: bool
    """A person is there: what went wrong is shown, and they decide again."""

    def next(self) -> str:
        """Return a name of ``NAMES``, a digit, ``""`` for a key that does nothing, ``end`` at the end."""

    def line(self, ask: str) -> str:
        """Return a line of text, after showing ``ask``; empty at the end."""


def named(key: str) -> str:
    """Return what a key does: a name of ``NAMES``, a digit, or nothing."""
    if key in NAMES:
        return NAMES[key]
    return key if key in "123456789" else NAMES.get(key.lower(), "")


class LineKeys:
    """One letter a line, from a file or a pipe; an empty line is the Enter key."""

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
        return named(line[0]) if line else "enter"

    def line(self, ask: str) -> str:
        """Read a line; nothing is shown."""
        return self._stream.readline().strip()


class TerminalKeys:
    """Single keys of a terminal, which echoes nothing meanwhile; Ctrl-C stays Ctrl-C."""

    waits = True

    def __init__(self, descriptor: int, write: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._write = write
        self._before = termios.tcgetattr(descriptor)

    def next(self) -> str:
        """Read a key; a key that sends several bytes (an arrow, a letter that is not ASCII) does nothing."""
        data = os.read(self._descriptor, 64)
        if not data:
            return "end"
        return named(data.decode("ascii", "replace")) if len(data) == 1 else ""

    def line(self, ask: str) -> str:
        """Let a line be typed and corrected as usual."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
        try:
            self._write(ask)
            return sys.stdin.readline().strip()
        finally:
            tty.setcbreak(self._descriptor, termios.TCSADRAIN)

    def restore(self) -> None:
        """Give the terminal back as it was."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)


@contextmanager
def keys_of(stream: TextIO, write: Callable[[str], None]) -> Iterator[Keys]:
    """Give the keys of a terminal, or the lines of anything else; the terminal is left as it was."""
    if not stream.isatty():
        yield LineKeys(stream)
        return
    keys = TerminalKeys(stream.fileno(), write)
    try:
        tty.setcbreak(stream.fileno(), termios.TCSADRAIN)
        yield keys
    finally:
        keys.restore()
