"""Splits Python or JSON source into the items of its list, parsing no more than one item at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nerture.core.annotations.json_rows import format_value
from nerture.core.annotations.line_reader import Line
from nerture.core.annotations.record import Problem
from nerture.core.errors import Origin

MAX_ITEM_CHARS = 8_000_000
"""Longer items are refused: the syntax tree of a literal is many times its text."""

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_BRACKETS = _OPENING | _CLOSING
_QUOTES = ("'", '"', "'''", '"""')
_SEPARATORS = re.compile(r"[\s,]+")
_ASSIGNMENT = re.compile(r"[^\W\d]\w*\s*(:[^=]*)?=\s*")
_MARK = re.compile(r"""[\[\](){}#]|"{3}|'{3}|["']""")
_STRING_MARK = {quote: re.compile(rf"\\.|{quote}", re.DOTALL) for quote in _QUOTES}


class Item(NamedTuple):
    """The source text of an item, and the number of the line where it begins."""

    number: int
    text: str


def split_items(lines: Iterable[Line | Problem], name: str) -> Iterator[Item | Problem]:
    """Yield the bracketed items of ``lines``: the elements of an enclosing list, or items side by side.

    A list encloses items if its first element begins with a bracket. Anything but items, commas, comments and
    a ``NAME =`` before the list is a ``bad-literal`` problem, and so is an item that does not end.
    """
    scanner = _Scanner(name)
    for line in lines:
        if isinstance(line, Problem):
            yield line
        else:
            yield from scanner.feed(line)
    yield from scanner.finish()


class _Scanner:
    """Follows brackets and strings from line to line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.last = 0  # the number of the last line
        self.in_list = False  # within the enclosing list
        self._reset()

    def _reset(self) -> None:
        """Leave the current item."""
        self.number = 0
        self.parts: list[str] = []
        self.length = 0
        self.depth = 0
        self.quote = ""
        self.bare = False  # nothing but the opening bracket has been read

    def feed(self, line: Line) -> Iterator[Item | Problem]:
        self.last = line.number
        text, position = line.text + "\n", 0
        while position < len(text):
            if self.depth:
                position = self._scan_item(line.number, text, position)
                if not self.depth and self.parts:
                    yield Item(self.number, "".join(self.parts))
                    self._reset()
            else:
                start, position = position, self._scan_gap(line.number, text, position)
                if position == start:
                    message = f"expected bracketed items and commas, got {format_value(line.text[position:])}"
                    yield Problem(Origin(self.name, line.number), "bad-literal", message, line.text)
                    return
        if self.quote in ("'", '"'):
            yield self._reject_item("a string does not end on its line")
        elif self.length > MAX_ITEM_CHARS:
            message = f"expected an item of at most {MAX_ITEM_CHARS} characters, got a longer one"
            yield self._reject_item(message)

    def finish(self) -> Iterator[Problem]:
        if self.depth and not self.bare:
            yield self._reject_item("the item that begins here does not end")
        elif self.depth or self.in_list:
            yield Problem(Origin(self.name, self.last), "bad-literal", "the list does not end")

    def _reject_item(self, message: str) -> Problem:
        problem = Problem(
            Origin(self.name, self.number), "bad-literal", message, "".join(self.parts).rstrip("\n")
        )
        self._reset()
        return problem

    def _scan_gap(self, number: int, text: str, position: int) -> int:
        """Skip what is allowed between items, or begin one; return ``position`` if it is neither."""
        mark = text[position]
        if mark == "#":
            return len(text)
        if mark in _CLOSING and self.in_list:
            self.in_list = False
            return position + 1
        if mark in _OPENING:
            self.number, self.depth, self.bare = number, 1, True
            self._append(mark)
            return position + 1
        match = _SEPARATORS.match(text, position) or (
            None if self.in_list else _ASSIGNMENT.match(text, position)
        )
        return match.end() if match else position

    def _scan_item(self, number: int, text: str, position: int) -> int:
        """Read an item up to its next bracket, quote or comment; at depth 0 the item has ended."""
        match = (_STRING_MARK[self.quote] if self.quote else _MARK).search(text, position)
        start, end = match.span() if match else (len(text), len(text))
        mark = match[0] if match else ""
        self.bare = self.bare and not text[position:start].strip()
        if self.bare and not self.in_list and mark in _BRACKETS:
            self._reset()  # not an item but the enclosing list, or an empty one
            self.in_list = mark in _OPENING
            return start if self.in_list else end
        if mark == "#" and not self.quote:
            end = len(text)
        self._append(text[position:end])
        self.bare = self.bare and mark in ("", "#")
        if self.quote:
            self.quote = "" if mark == self.quote else self.quote
        elif mark in _QUOTES:
            self.quote = mark
        elif mark in _BRACKETS:
            self.depth += 1 if mark in _OPENING else -1
        return end

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)
