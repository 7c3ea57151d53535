"""Python tuples: ``("text", {"entities": [(0, 8, "GADGET")]})``; JSON arrays and objects too.

A file may hold such items side by side, or one list of them over any number of lines, with ``NAME =`` ahead
of it and comments between. Nothing in it is executed: an item is read as JSON or as a Python literal.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Sequence
from typing import BinaryIO, TextIO

from nerture.core.annotations.json_rows import read_row
from nerture.core.annotations.line_reader import decoded_lines
from nerture.core.annotations.literal_reader import Item, split_items
from nerture.hookspecs import hookimpl
from nerture.interfaces import Doc, Match, Options, Origin, Problem, Record, Register, Services, Span


class TuplesReader:
    """Reads pairs of a text and ``{"entities": ...}`` or a list of entities; rows of JSON lines too.

    Problem codes: ``bad-literal``, and those of ``core.rows``.
    """

    suffixes = (".json", ".py")

    def sniff(self, head: str) -> bool:
        """Claim a file that begins with a bracket."""
        return head.lstrip().startswith(("[", "("))

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield the items' records."""
        for item in split_items(decoded_lines(stream, name), name):
            if isinstance(item, Problem):
                yield item
            else:
                yield from _read_item(item, Origin(name, item.number))


def _read_item(item: Item, origin: Origin) -> Iterator[Record | Problem]:
    try:
        value = _value(item.text)
    except RecursionError:
        yield Problem(origin, "bad-literal", "nested too deeply", item.text)
        return
    except (ValueError, SyntaxError, TypeError, MemoryError) as error:
        why = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        yield Problem(origin, "bad-literal", f"neither JSON nor a Python literal: {why}", item.text)
        return
    match value:
        case dict():
            yield from read_row(value, origin, item.text)
        case [str(text), dict(rest)]:
            yield from read_row(rest | {"text": text}, origin, item.text)
        case [str(text), list(entities)]:
            yield from read_row({"text": text, "entities": entities}, origin, item.text)
        case _:
            message = (
                'allowed is a pair of a text and its entities: ("text", {"entities": [(0, 4, "LABEL")]})'
            )
            yield Problem(origin, "bad-literal", message, item.text)


def _value(text: str) -> object:
    """Return the value of a JSON text or Python literal, in JSON's types; raises what the parsers raise."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unknown escape is a warning, and stands for itself
            return _plain(ast.literal_eval(text))


def _plain(value: object) -> object:
    """Return a literal in JSON's types; raises ``ValueError`` for one that has no such form."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        if other := [key for key in value if not isinstance(key, str)]:
            raise ValueError(f"the key {other[0]!r} is no string")
        return {key: _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"found a {type(value).__name__}, which has no JSON form")


class TuplesWriter:
    """Writes ``("text", {"entities": [(0, 8, "GADGET")]})``, one a line, and no other field."""

    suffixes = (".py",)

    def write(self, stream: TextIO, record: Record, doc: Doc, found: Sequence[Span | Match]) -> None:
        """Write one text."""
        entities = [
            (int(doc.offsets[item.start, 0]), int(doc.offsets[item.end - 1, 1]), item.label) for item in found
        ]
        stream.write(f"{(doc.text, {'entities': entities})!r}\n")


def make_reader(options: Options, services: Services) -> TuplesReader:
    """Make the reader ``tuples``."""
    return TuplesReader()


def make_writer(options: Options, services: Services) -> TuplesWriter:
    """Make the writer ``tuples``."""
    return TuplesWriter()


@hookimpl
def nerture_register_readers(register: Register) -> None:
    """Hand in ``tuples``."""
    register("tuples", make_reader)


@hookimpl
def nerture_register_writers(register: Register) -> None:
    """Hand in ``tuples``."""
    register("tuples", make_writer)
