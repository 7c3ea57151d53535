"""CoNLL columns: a token with its tag per line, a blank line between texts (BIO, IOB1, BILUO, BIOES)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, BinaryIO, TextIO

from nerture import hookimpl
from nerture.errors import DataError
from nerture.interfaces import (
    CharSpan,
    Doc,
    Line,
    Match,
    Options,
    Origin,
    Problem,
    Record,
    Register,
    Scheme,
    Services,
    Span,
    WrittenScheme,
    decode_lines,
    is_tag,
    spans_to_tags,
    tags_to_spans,
)

BLANKS = " \t"
BREAKS = re.compile(r"[\t\n\r]")
REST = "conll"
"""The field of a record for its lines' other columns, and its comments."""


class ConllReaderOptions(Options):
    """Options of the reader ``conll``."""

    scheme: Scheme = "auto"
    """The scheme of the tags; every scheme but ``auto`` refuses tags of the others."""
    token_column: int = 0
    """The token's column, from 0; negative numbers count from the last."""
    tag_column: int | None = -1
    """The tag's column; null if the file has no tags."""
    comments: bool | None = None
    """Whether lines that begin with ``# `` are comments; null: only ahead of a text, if no tag follows."""


class ConllReader:
    """Reads texts with one token per line; the text of a record is its tokens joined by one space.

    A line with a tab is split at tabs, any other at runs of spaces. Blank lines and ``-DOCSTART-`` lines end
    a text. A text with a bad line is skipped. Problem codes: ``bad-columns``, ``bad-tag``.
    """

    suffixes = (".conll", ".bio", ".iob", ".iob2", ".biluo", ".bilou", ".bioes")

    def __init__(self, options: ConllReaderOptions) -> None:
        self.options = options

    def sniff(self, head: str) -> bool:
        """Return True if all first lines end with a tag."""
        lines = [line.rstrip("\r") for line in head.split("\n")[:-1]]
        rows = [_columns(line) for line in lines if not _ends_text(line) and not line.startswith("# ")]
        return bool(rows) and all(len(columns) > 1 and is_tag(columns[-1]) for columns in rows)

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield the texts."""
        block = _Block(self.options, name)
        for line in decode_lines(stream, name):
            if isinstance(line, Line) and _ends_text(line.text):
                yield from block.finish()
                block = _Block(self.options, name)
            else:
                block.add(line)
        yield from block.finish()


class _Block:
    """The lines of one text, as they are read."""

    def __init__(self, options: ConllReaderOptions, name: str) -> None:
        self.options = options
        self.name = name
        self.raw: list[str] = []
        self.rows: list[list[str]] = []
        self.numbers: list[int] = []
        self.comments: list[str] = []
        self.problems: list[Problem] = []

    def add(self, line: Line | Problem) -> None:
        if isinstance(line, Problem):
            self.problems.append(line)
            self.raw.append(line.raw)
            return
        self.raw.append(line.text)
        if self._is_comment(line.text):
            self.comments.append(line.text)
            return
        columns = _columns(line.text)
        if message := self._find_fault(columns):
            self._report(line.number, "bad-columns", message)
        else:
            self.rows.append(columns)
            self.numbers.append(line.number)

    def finish(self) -> Iterator[Record | Problem]:
        tag_column = self.options.tag_column
        tags = None if tag_column is None else [columns[tag_column] for columns in self.rows]
        bounds, bad = tags_to_spans(tags or [], self.options.scheme)
        for tag in bad:
            self._report(self.numbers[tag.token], "bad-tag", tag.message)
        if self.problems:
            first, *others = sorted(self.problems, key=lambda problem: problem.origin.line)
            yield replace(first, raw="\n".join(self.raw))
            yield from (replace(problem, raw="") for problem in others)
        elif self.rows:
            doc = Doc.from_words([columns[self.options.token_column] for columns in self.rows])
            spans = tuple(
                CharSpan(int(doc.offsets[start, 0]), int(doc.offsets[end - 1, 1]), label)
                for start, end, label in bounds
            )
            yield Record(
                doc.text,
                Origin(self.name, self.numbers[0]),
                offsets=doc.offsets,
                spans=None if tags is None else spans,
                fields=self._fields(),
            )

    def _find_fault(self, columns: list[str]) -> str:
        """Return why the columns are not a token and its tag; empty if they are."""
        token, tag = self.options.token_column, self.options.tag_column
        count = len(columns)
        used = [column for column in (token, tag) if column is not None]
        present = {column % count for column in used if -count <= column < count}
        if len(present) < len(used):
            expected = "a token" if tag is None else f"a token and its tag (columns {token} and {tag})"
            return f"expected {expected}, got {count} column{'s' * (count > 1)}"
        return "" if columns[token] else "expected a token, got an empty column"

    def _fields(self) -> dict[str, Any]:
        """Return the lines' other columns and comments as a field."""
        used = {self.options.token_column, self.options.tag_column}
        others = [
            [cell for column, cell in enumerate(cells) if not {column, column - len(cells)} & used]
            for cells in self.rows
        ]
        rest: dict[str, Any] = {"comments": self.comments} if self.comments else {}
        rest |= {"columns": others} if any(others) else {}
        return {REST: rest} if rest else {}

    def _is_comment(self, text: str) -> bool:
        if not text.startswith("# ") or self.options.comments is False:
            return False
        if self.options.comments:
            return True
        columns = _columns(text)
        return not self.rows and "\t" not in text and not (len(columns) == 2 and is_tag(columns[-1]))

    def _report(self, number: int, code: str, message: str) -> None:
        self.problems.append(Problem(Origin(self.name, number), code, message))


def _ends_text(line: str) -> bool:
    return not line.strip(BLANKS) or line.startswith("-DOCSTART-")


def _columns(line: str) -> list[str]:
    if "\t" in line:
        return [cell.strip(" ") for cell in line.rstrip(BLANKS).split("\t")]
    return [cell for cell in line.split(" ") if cell]


class ConllWriterOptions(Options):
    """Options of the writer ``conll``."""

    scheme: WrittenScheme = "bio"
    """The scheme of the tags."""


class ConllWriter:
    """Writes a token and its tag per line, with a tab between them, and a blank line after each text.

    Tokens of whitespace cannot be columns and are skipped; so is the text between the tokens. Other columns
    of the row that the text came from are written between token and tag, its comments before the text.
    """

    suffixes = (".conll", ".bio", ".iob", ".iob2", ".biluo", ".bilou", ".bioes")

    def __init__(self, scheme: WrittenScheme = "bio") -> None:
        self.scheme = scheme

    def write(self, stream: TextIO, record: Record, doc: Doc, found: Sequence[Span | Match]) -> None:
        """Write one text; raises ``DataError`` for overlapping hits and tokens with a tab or line end."""
        for before, after in pairwise(found):
            if after.start < before.end:
                message = f"tokens {before.start} to {before.end} and {after.start} to {after.end} overlap"
                raise DataError(f"columns cannot hold entities that overlap: {message}", record.origin)
        words = doc.words
        kept = [index for index, word in enumerate(words) if not word.isspace()]
        if broken := [words[index] for index in kept if BREAKS.search(words[index])]:
            raise DataError(f"columns cannot represent the token {broken[0]!r}", record.origin)
        place = {index: position for position, index in enumerate(kept)}
        bounds = []
        for item in found:
            inside = [place[index] for index in range(item.start, item.end) if index in place]
            if not inside:
                raise DataError(f"columns cannot represent a {item.label} of only whitespace", record.origin)
            bounds.append((inside[0], inside[-1] + 1, item.label))
        tags = spans_to_tags(len(kept), bounds, self.scheme)
        comments, others = _other_columns(record, len(words))
        rows = ["\t".join([words[index], *others[index], tag]) for index, tag in zip(kept, tags, strict=True)]
        stream.write("".join(f"{line}\n" for line in [*comments, *rows, ""]))


def _other_columns(record: Record, count: int) -> tuple[list[str], list[list[str]]]:
    """Return the comments and the other columns of ``count`` tokens, if the record was read from columns."""
    rest = record.fields.get(REST)
    own = (
        rest if isinstance(rest, dict) and record.offsets is not None and len(record.offsets) == count else {}
    )
    return own.get("comments", []), own.get("columns", [[]] * count)


def make_reader(options: ConllReaderOptions, services: Services) -> ConllReader:
    """Make the reader ``conll``."""
    return ConllReader(options)


def make_writer(options: ConllWriterOptions, services: Services) -> ConllWriter:
    """Make the writer ``conll``."""
    return ConllWriter(options.scheme)


@hookimpl
def nerture_register_readers(register: Register) -> None:
    """Register ``conll``."""
    register("conll", make_reader, config=ConllReaderOptions)


@hookimpl
def nerture_register_writers(register: Register) -> None:
    """Register ``conll``."""
    register("conll", make_writer, config=ConllWriterOptions)
