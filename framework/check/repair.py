"""Repairs a file: writes a copy, a diff, and a file of the rows that cannot be used."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from nerture.check.finding import Finding, make_warning
from nerture.check.span_repair import repair_spans
from nerture.core.annotations.json_rows import has_entities_as_spans
from nerture.core.annotations.record import CharSpan
from nerture.core.annotations.span_validation import Fault
from nerture.core.errors import Origin
from nerture.core.text.alignment import find_touched_tokens
from nerture.core.text.doc import Offsets
from nerture.errors import DataError
from nerture.files.atomic_file import AtomicFile
from nerture.files.byte_source import STDIN
from nerture.files.corpus import open_with_reader, read_records
from nerture.interfaces import Format, Problem, Record, Services

if TYPE_CHECKING:
    from nerture.registry import Registry


@dataclass(frozen=True, slots=True)
class Repair:
    """The repaired copy and the file of rejected rows (None if there are none), the changes, the diff."""

    output: Path | None
    rejected: Path | None
    changes: tuple[Finding, ...]
    diff: str


def fix_data(
    path: Path | str,
    registry: Registry,
    services: Services,
    format: Format = None,
    output: Path | None = None,
) -> Repair:
    """Write a repaired copy of a file to ``NAME.fixed.jsonl`` next to it (or to ``output``), atomically.

    Spans are repaired as in ``repair_spans``. Rows that cannot be used are copied, byte for byte, to
    ``NAME.aside.jsonl`` (named after ``output`` if it is given). Answers to questions are not changed. In a
    JSON lines file only the faulty rows change; any other format is copied as JSON lines, and the diff shows
    its rows in that form. If nothing needs repair, no file is written. Raises ``DataError`` for a file that
    cannot be read or written.
    """
    if str(path) == STDIN:
        raise DataError("standard input cannot be repaired; name a file")
    source = Path(path)
    copy = output or source.with_name(f"{_stem(source)}.fixed.jsonl")
    aside = copy.with_name(f"{_stem(copy).removesuffix('.fixed')}.aside.jsonl")
    reader, stream = open_with_reader(source, registry, services, format)
    with closing(stream), AtomicFile(copy) as kept, AtomicFile(aside) as rest:
        lines = _Lines(stream if ".jsonl" in reader.suffixes else io.BytesIO())
        writer = _RepairWriter(services, lines, kept.stream, rest.stream)
        for item in read_records(source, registry, services, format):
            if isinstance(item, Problem):
                writer.reject(item)
            else:
                writer.write(item)
        writer.finish()
        kept.keep = bool(writer.changes)
        rest.keep = rest.stream.tell() > 0
    diff = "".join([f"--- {source}\n", f"+++ {copy}\n", *writer.hunks]) if writer.hunks else ""
    return Repair(copy if kept.keep else None, aside if rest.keep else None, tuple(writer.changes), diff)


def _stem(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).stem


class _Lines:
    """The lines of a file as bytes, taken by number; empty for a file whose rows are not lines."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = enumerate(stream, start=1)
        self.number = 0

    def up_to(self, number: int) -> Iterator[bytes]:
        """Yield the lines that are not taken yet, up to the one with that number."""
        while self.number < number and (numbered := next(self._lines, None)) is not None:
            self.number = numbered[0]
            yield numbered[1]

    def rest(self) -> Iterator[bytes]:
        """Yield the lines that are not taken yet."""
        return (line for _, line in self._lines)


class _RepairWriter:
    """Writes rows to the copy or to the file of rejected rows, and records the changes."""

    def __init__(self, services: Services, lines: _Lines, kept: BinaryIO, rest: BinaryIO) -> None:
        self.services = services
        self.lines = lines
        self.kept = kept
        self.rest = rest
        self.changes: list[Finding] = []
        self.hunks: list[str] = []
        self.read = self.written = 0  # rows, which are lines in the old file and in the copy

    def write(self, record: Record) -> None:
        """Write the record's row, repaired if necessary."""
        row = _row(record)
        old = self._old_line(record.origin) or _line(row)
        changes: list[Fault] = []
        new = old
        if not record.binary and record.answer in (None, "accept") and record.spans:
            offsets = self.services.doc(record).offsets
            kept, changes = repair_spans(record.text, offsets, record.spans)
            name = "entities" if has_entities_as_spans(row) else "spans"
            items = {
                index: _move_item(row[name][index], span, record, offsets) for index, span in kept.items()
            }
            new = _line(row | {name: [items[index] for index in sorted(items)]}) if changes else old
        self.kept.write(new)
        self.written += 1
        self.changes += [make_warning(record.origin, change.code, change.message) for change in changes]
        if changes:
            self._add_hunk(_decode(old), _decode(new))

    def reject(self, problem: Problem) -> None:
        """Write the row with the problem to the file of rejected rows."""
        if problem.origin.line == 0 or problem.code == "line-too-long":
            raise DataError(f"{problem}; this file cannot be repaired")
        old = self._old_line(problem.origin) or (problem.raw + "\n").encode("utf-8", errors="surrogateescape")
        if problem.raw:
            self.rest.write(old if old.endswith(b"\n") else old + b"\n")
            self._add_hunk(_decode(old), "")
        message = f"row rejected: {problem.message}"
        self.changes.append(make_warning(problem.origin, problem.code, message))

    def finish(self) -> None:
        """Write the blank lines after the last row."""
        self.kept.writelines(self.lines.rest())

    def _old_line(self, origin: Origin) -> bytes:
        """Return the line as it is in the file, once; the blank lines before it are copied."""
        *blank, old = [b"", *self.lines.up_to(origin.line)]
        if old:
            blank = blank[1:]
            self.kept.writelines(blank)
        self.read = self.lines.number or self.read + 1
        self.written += len(blank) if old else 0
        return old

    def _add_hunk(self, old: str, new: str) -> None:
        """Add a change of one line to the diff, in its unified form, without context."""
        after = f"+{self.written}" if new else f"+{self.written},0"
        self.hunks.append(f"@@ -{self.read} {after} @@\n-{old}\n" + (f"+{new}\n" if new else ""))


def _row(record: Record) -> dict[str, Any]:
    """Return the record as a row of JSON lines; if it was read from such a row, that row."""
    row: dict[str, Any] = {"text": record.text, **record.fields}
    if record.spans is not None and row.get("spans") is None and not has_entities_as_spans(row):
        row["spans"] = [
            {"start": span.start_char, "end": span.end_char, "label": span.label} for span in record.spans
        ]
    if record.offsets is not None and "tokens" not in row:
        row["tokens"] = [
            {"text": record.text[start:end], "start": start, "end": end, "id": index}
            for index, (start, end) in enumerate(record.offsets.tolist())
        ]
    return row


def _move_item(item: Any, span: CharSpan, record: Record, offsets: Offsets) -> Any:
    """Return the row's own form of a span with the bounds of ``span``."""
    if not isinstance(item, Mapping):
        return [span.start_char, span.end_char, *item[2:]]
    moved: dict[str, Any] = {**item, "start": span.start_char, "end": span.end_char}
    if "token_start" in item or "token_end" in item:
        first, last = find_touched_tokens(offsets, [[span.start_char, span.end_char]])[0].tolist()
        moved |= {"token_start": first, "token_end": last - 1}
    if "text" in item:
        moved["text"] = record.text[span.start_char : span.end_char]
    return moved


def _line(row: Mapping[str, Any]) -> bytes:
    """Return the row as a line; half a surrogate pair in a field has to be escaped."""
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(row) + "\n").encode("ascii")


def _decode(line: bytes) -> str:
    return line.decode("utf-8", errors="backslashreplace").rstrip("\r\n")
