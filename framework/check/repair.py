"""The data doctor's cure: a repaired copy of a file, with a diff; what cannot be used is put aside."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from nerture.check.finding import Finding, warning
from nerture.check.span_repair import repaired_spans
from nerture.core.annotations.json_rows import holds_entities
from nerture.core.annotations.record import CharSpan
from nerture.core.annotations.span_validation import Fault
from nerture.core.errors import Origin
from nerture.core.text.alignment import touched_tokens
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
    """What was mended: the copy and the file of rows put aside (None: no need), the changes, the diff."""

    output: Path | None
    put_aside: Path | None
    changes: tuple[Finding, ...]
    diff: str


def fix_data(
    path: Path | str,
    registry: Registry,
    services: Services,
    format: Format = None,
    output: Path | None = None,
) -> Repair:
    """Write a repaired copy of a file to ``NAME.fixed.jsonl`` beside it (or ``output``), whole or not at all.

    Spans are mended as ``repaired_spans`` says. Rows that cannot be used go, byte for byte, to
    ``NAME.aside.jsonl`` (after ``output``'s name if it is given). Answers to questions are left as they are.
    In a JSON lines file nothing but the faulty rows changes; any other format is copied as JSON lines, where
    the diff shows its rows as such. With nothing to mend, no file is written. Raises ``DataError`` for a file
    that cannot be read or written.
    """
    if str(path) == STDIN:
        raise DataError("standard input cannot be repaired: give a file")
    source = Path(path)
    copy = output or source.with_name(f"{_stem(source)}.fixed.jsonl")
    aside = copy.with_name(f"{_stem(copy).removesuffix('.fixed')}.aside.jsonl")
    reader, stream = open_with_reader(source, registry, services, format)
    with closing(stream), AtomicFile(copy) as kept, AtomicFile(aside) as rest:
        lines = _Lines(stream if ".jsonl" in reader.suffixes else io.BytesIO())
        cure = _Cure(services, lines, kept.stream, rest.stream)
        for item in read_records(source, registry, services, format):
            if isinstance(item, Problem):
                cure.put_aside(item)
            else:
                cure.mend(item)
        cure.finish()
        kept.keep = bool(cure.changes)
        rest.keep = rest.stream.tell() > 0
    diff = "".join([f"--- {source}\n", f"+++ {copy}\n", *cure.hunks]) if cure.hunks else ""
    return Repair(copy if kept.keep else None, aside if rest.keep else None, tuple(cure.changes), diff)


def _stem(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).stem


class _Lines:
    """The lines of a file as bytes, taken by their number; empty for a file whose rows are not lines."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = enumerate(stream, start=1)
        self.number = 0

    def up_to(self, number: int) -> Iterator[bytes]:
        """Yield the lines up to the one of that number, without those that were taken before."""
        while self.number < number and (found := next(self._lines, None)) is not None:
            self.number = found[0]
            yield found[1]

    def rest(self) -> Iterator[bytes]:
        """Yield the lines that were not taken."""
        return (line for _, line in self._lines)


class _Cure:
    """Writes row after row to the copy or to the file of rows put aside, and keeps account of the changes."""

    def __init__(self, services: Services, lines: _Lines, kept: BinaryIO, rest: BinaryIO) -> None:
        self.services = services
        self.lines = lines
        self.kept = kept
        self.rest = rest
        self.changes: list[Finding] = []
        self.hunks: list[str] = []
        self.read = self.written = 0  # rows, which are lines in the old file and in the copy

    def mend(self, record: Record) -> None:
        """Write the record's row, repaired if need be."""
        row = _row(record)
        old = self._old_line(record.origin) or _line(row)
        changes: list[Fault] = []
        new = old
        if not record.binary and record.answer in (None, "accept") and record.spans:
            offsets = self.services.doc(record).offsets
            kept, changes = repaired_spans(record.text, offsets, record.spans)
            name = "entities" if holds_entities(row) else "spans"
            moved = {index: _moved(row[name][index], span, record, offsets) for index, span in kept.items()}
            new = _line(row | {name: [moved[index] for index in sorted(moved)]}) if changes else old
        self.kept.write(new)
        self.written += 1
        self.changes += [warning(record.origin, change.code, change.message) for change in changes]
        if changes:
            self._hunk(_shown(old), _shown(new))

    def put_aside(self, problem: Problem) -> None:
        """Write the row that has the problem to the other file."""
        if problem.origin.line == 0 or problem.code == "line-too-long":
            raise DataError(f"{problem}; this file cannot be repaired")
        old = self._old_line(problem.origin) or (problem.raw + "\n").encode("utf-8", errors="surrogateescape")
        if problem.raw:
            self.rest.write(old if old.endswith(b"\n") else old + b"\n")
            self._hunk(_shown(old), "")
        message = f"row put aside: {problem.message}"
        self.changes.append(warning(problem.origin, problem.code, message))

    def finish(self) -> None:
        """Write the blank lines after the last row."""
        self.kept.writelines(self.lines.rest())

    def _old_line(self, origin: Origin) -> bytes:
        """Return the line as it stands in the file, once; the blank lines before it are copied."""
        *blank, old = [b"", *self.lines.up_to(origin.line)]
        if old:
            blank = blank[1:]
            self.kept.writelines(blank)
        self.read = self.lines.number or self.read + 1
        self.written += len(blank) if old else 0
        return old

    def _hunk(self, old: str, new: str) -> None:
        """Add a change of one line to the diff, in its unified form, without context."""
        after = f"+{self.written}" if new else f"+{self.written},0"
        self.hunks.append(f"@@ -{self.read} {after} @@\n-{old}\n" + (f"+{new}\n" if new else ""))


def _row(record: Record) -> dict[str, Any]:
    """Return the record as a row of JSON lines; of a record that comes from such a row, that row."""
    row: dict[str, Any] = {"text": record.text, **record.fields}
    if record.spans is not None and row.get("spans") is None and not holds_entities(row):
        row["spans"] = [
            {"start": span.start_char, "end": span.end_char, "label": span.label} for span in record.spans
        ]
    if record.offsets is not None and "tokens" not in row:
        row["tokens"] = [
            {"text": record.text[start:end], "start": start, "end": end, "id": index}
            for index, (start, end) in enumerate(record.offsets.tolist())
        ]
    return row


def _moved(item: Any, span: CharSpan, record: Record, offsets: Offsets) -> Any:
    """Return the row's own form of a span, with the bounds that it has now."""
    if not isinstance(item, Mapping):
        return [span.start_char, span.end_char, *item[2:]]
    moved: dict[str, Any] = {**item, "start": span.start_char, "end": span.end_char}
    if "token_start" in item or "token_end" in item:
        first, last = touched_tokens(offsets, [[span.start_char, span.end_char]])[0].tolist()
        moved |= {"token_start": first, "token_end": last - 1}
    if "text" in item:
        moved["text"] = record.text[span.start_char : span.end_char]
    return moved


def _line(row: Mapping[str, Any]) -> bytes:
    """Return the row as a line; half a surrogate pair, which a field may hold, has to be escaped."""
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(row) + "\n").encode("ascii")


def _shown(line: bytes) -> str:
    return line.decode("utf-8", errors="backslashreplace").rstrip("\r\n")
