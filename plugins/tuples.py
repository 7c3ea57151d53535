"""Python tuples: ``("text", {"entities": [(0, 8, "GADGET")]})``; JSON arrays and objects too.

A file has such items one after the other, or one list of them over any number of lines, with an optional
``NAME =`` before it and comments between. Nothing is executed: an item is read as JSON or a Python literal.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Sequence
from typing import BinaryIO, TextIO

from nerture import hookimpl
from nerture.interfaces import (
    Doc,
    Item,
    Match,
    Options,
    Origin,
    Problem,
    Record,
    Register,
    Services,
    Span,
    decode_lines,
    read_row,
    split_items,
)


class TuplesReader:
    """Reads pairs of a text and ``{"entities": ...}`` or a list of entities; rows of JSON lines too.

    Problem codes: ``bad-literal``, and those of ``read_row``.
    """

    suffixes = (".json", ".py")

    def sniff(self, head: str) -> bool:
        """Return True if the file begins with a bracket."""
        return head.lstrip().startswith(("[", "("))

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield the items' records."""
        for item in split_items(decode_lines(stream, name), name):
            if isinstance(item, Problem):
                yield item
            else:
                yield from _read_item(item, Origin(name, item.number))


def _read_item(item: Item, origin: Origin) -> Iterator[Record | Problem]:
    try:
        value = _parse(item.text)
    except RecursionError:
        yield Problem(origin, "bad-literal", "nested too deeply", item.text)
        return
    except (ValueError, SyntaxError, TypeError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        yield Problem(origin, "bad-literal", f"neither JSON nor a Python literal: {reason}", item.text)
        return
    match value:
        case dict():
            yield from read_row(value, origin, item.text)
        case [str(text), dict(rest)]:
            yield from read_row(rest | {"text": text}, origin, item.text)
        case [str(text), list(entities)]:
            yield from read_row({"text": text, "entities": entities}, origin, item.text)
        case _:
            message = 'expected a text and its entities, as ("text", {"entities": [(0, 4, "LABEL")]})'
            yield Problem(origin, "bad-literal", message, item.text)


def _parse(text: str) -> object:
    """Return the value of JSON or a Python literal, in JSON's types; raises what the parsers raise."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unknown escapes are warnings
            return _to_json(ast.literal_eval(text))


def _to_json(value: object) -> object:
    """Convert a literal to JSON's types; raises ``ValueError`` for other types."""
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    if isinstance(value, dict):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise ValueError(f"expected texts as keys, got {wrong[0]!r}")
        return {key: _to_json(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError(f"expected a type that JSON has, got {type(value).__name__}")


class TuplesWriter:
    """Writes ``("text", {"entities": [(0, 8, "GADGET")]})``, one per line, and no other fields."""

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
    """Register ``tuples``."""
    register("tuples", make_reader)


@hookimpl
def nerture_register_writers(register: Register) -> None:
    """Register ``tuples``."""
    register("tuples", make_writer)
