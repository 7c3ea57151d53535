"""JSON lines: rows with a text, spans, tokens, answers and other fields, as in Prodigy's files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, TextIO

import numpy as np

from nerture import hookimpl
from nerture.errors import DataError
from nerture.interfaces import (
    Doc,
    Match,
    Options,
    Origin,
    Problem,
    Record,
    Register,
    Services,
    Span,
    decode_lines,
    has_entities_as_spans,
    read_json_row,
)

SPAN_FIELDS = ("answer", "complete", "_is_binary")
"""Fields that are valid only for the spans of their row."""


class JsonlReader:
    """Reads one JSON object per line; blank lines are skipped."""

    suffixes = (".jsonl", ".ndjson")

    def sniff(self, head: str) -> bool:
        """Return True if the first row begins with a brace."""
        return head.lstrip().startswith("{")

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield the rows; ``nerture.core.annotations.json_rows`` has the fields and problem codes."""
        for line in decode_lines(stream, name):
            if isinstance(line, Problem):
                yield line
            elif line.text.strip():
                yield from read_json_row(line.text, Origin(name, line.number))


class JsonlWriterOptions(Options):
    """Options of the writer ``jsonl``."""

    tokens: bool = False
    """Write the tokens even if the row had none."""


class JsonlWriter:
    """Writes ``{"text", "spans"}`` rows, with the other fields of the row that each text came from.

    ``token_end`` is inclusive, as in Prodigy's files. ``answer``, ``complete`` and ``_is_binary`` are kept
    only if the spans are the same, since they would be wrong for others.
    """

    suffixes = (".jsonl", ".ndjson")

    def __init__(self, tokens: bool = False) -> None:
        self.tokens = tokens

    def write(self, stream: TextIO, record: Record, doc: Doc, found: Sequence[Span | Match]) -> None:
        """Write one row."""
        row: dict[str, Any] = {"text": doc.text, **record.fields}
        spans = [_to_row(doc, item) for item in found]
        if not _has_spans(record, spans):
            for name in SPAN_FIELDS:
                row.pop(name, None)
        if record.spans is not None and has_entities_as_spans(row):
            del row["entities"]
        row["spans"] = spans
        if self.tokens or record.offsets is not None:
            own = record.offsets is not None and np.array_equal(record.offsets, doc.offsets)
            row["tokens"] = row["tokens"] if own and "tokens" in row else _tokens(doc)
        try:
            stream.write(_line(row))
        except RecursionError:
            raise DataError("a field is nested too deeply to write", record.origin) from None


def _line(row: dict[str, Any]) -> str:
    """Return the row as a line; half a surrogate pair in a field has to be escaped."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(row)
    return line + "\n"


def _to_row(doc: Doc, item: Span | Match) -> dict[str, Any]:
    start_char, end_char = int(doc.offsets[item.start, 0]), int(doc.offsets[item.end - 1, 1])
    span: dict[str, Any] = {"start": start_char, "end": end_char, "label": item.label}
    span |= {"token_start": item.start, "token_end": item.end - 1}
    if isinstance(item, Match):
        span["pattern"] = item.pattern
    elif item.score is not None:
        span["score"] = round(item.score, 6)
    return span


def _has_spans(record: Record, spans: Sequence[dict[str, Any]]) -> bool:
    old = {(span.start_char, span.end_char, span.label) for span in record.spans or ()}
    return old == {(span["start"], span["end"], span["label"]) for span in spans}


def _tokens(doc: Doc) -> list[dict[str, Any]]:
    return [
        {
            "text": token.text,
            "start": token.start_char,
            "end": token.end_char,
            "id": index,
            "ws": doc.text[token.end_char : token.end_char + 1] == " ",
        }
        for index, token in enumerate(doc)
    ]


def make_reader(options: Options, services: Services) -> JsonlReader:
    """Make the reader ``jsonl``."""
    return JsonlReader()


def make_writer(options: JsonlWriterOptions, services: Services) -> JsonlWriter:
    """Make the writer ``jsonl``."""
    return JsonlWriter(options.tokens)


@hookimpl
def nerture_register_readers(register: Register) -> None:
    """Register ``jsonl``."""
    register("jsonl", make_reader)


@hookimpl
def nerture_register_writers(register: Register) -> None:
    """Register ``jsonl``."""
    register("jsonl", make_writer, config=JsonlWriterOptions)
