"""Reads and checks the pattern language: rows of JSON to patterns, or everything that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nerture.core.annotations.record import Problem
from nerture.core.errors import DataError, Origin, PatternError
from nerture.core.format_json import format_json
from nerture.patterns.predicates import TokenTest
from nerture.patterns.row_errors import RowError, suggest
from nerture.patterns.token_rules import parse_token

MAX_LISTED = 20
"""Problems that the message of an error lists; the error's ``problems`` has all of them."""

MAX_PATTERN_TOKENS = 1000
"""Upper bound of a pattern's length in tokens, with its operators expanded."""

_ROW_KEYS = ("label", "pattern", "id")


@dataclass(frozen=True, slots=True)
class Element:
    """A token of a pattern with its operator: ``minimum`` to ``maximum`` times (None for no limit)."""

    test: TokenTest
    minimum: int = 1
    maximum: int | None = 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of a pattern file.

    Either ``phrase`` is a text, to be tokenized and matched exactly, or it is None and ``elements`` are the
    tokens; ``row`` is then the pattern as it was written.
    """

    label: str
    id: str
    origin: Origin
    phrase: str | None = None
    elements: tuple[Element, ...] = ()
    row: list[Any] | None = field(default=None, compare=False, repr=False)


def read_patterns(path: Path | str, name: str | None = None, ids_with_file: bool = False) -> list[Pattern]:
    """Read a file of patterns (JSONL, UTF-8); ``name`` is its name in messages.

    The default ``id`` of a row is its line number, or ``FILE:LINE`` if ``ids_with_file``. Raises
    ``DataError`` if the file cannot be read, and ``PatternError`` with everything that is wrong in it.
    """
    name = name or str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"the pattern file cannot be read: {error.strerror}", Origin(name)) from error
    lines = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return parse_patterns(lines, name, ids_prefix=f"{Path(name).name}:" if ids_with_file else "")


def parse_patterns(
    rows: Iterable[bytes | str | dict[str, Any]], name: str = "<patterns>", ids_prefix: str = ""
) -> list[Pattern]:
    """Read patterns from lines of JSON or from decoded rows; empty lines are skipped.

    The default ``id`` of a row is ``ids_prefix`` and its line number, counted from 1. Raises
    ``PatternError`` with everything that is wrong.
    """
    patterns: list[Pattern] = []
    problems: list[Problem] = []
    for line, row in enumerate(rows, start=1):
        if isinstance(row, (bytes, str)) and not row.strip():
            continue
        origin = Origin(name, line)
        try:
            patterns.append(_parse_row(_decode(row), origin, f"{ids_prefix}{line}"))
        except RowError as error:
            raw = row.decode("utf-8", "replace") if isinstance(row, bytes) else str(row)
            problems.extend(Problem(origin, code, message, raw) for code, message in error.faults)
    raise_problems(problems)
    return patterns


def raise_problems(problems: list[Problem]) -> None:
    """Raise a ``PatternError`` that lists the problems, if there are any."""
    if not problems:
        return
    first, *rest = problems
    lines = [first.message, *(str(problem) for problem in rest[: MAX_LISTED - 1])]
    if len(problems) > MAX_LISTED:
        lines.append(f"and {len(problems) - MAX_LISTED} more")
    raise PatternError("\n".join(lines), first.origin, tuple(problems))


def _decode(row: bytes | str | dict[str, Any]) -> Any:
    if isinstance(row, dict):
        return row
    try:
        return json.loads(row.decode("utf-8") if isinstance(row, bytes) else row)
    except UnicodeDecodeError as error:
        raise RowError("not-utf8", f"byte {error.start} of the line is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise RowError("bad-json", f"not valid JSON: {error.msg} at character {error.pos}") from error
    except (RecursionError, ValueError) as error:
        raise RowError("bad-json", f"not JSON that can be read: {error}") from error


def _parse_row(row: Any, origin: Origin, line_id: str) -> Pattern:
    if not isinstance(row, dict):
        raise RowError(
            "not-an-object", f"expected an object with 'label' and 'pattern', got {format_json(row)}"
        )
    faults: list[tuple[str, str]] = []
    for key in row:
        if key not in _ROW_KEYS and key != "meta" and not key.startswith("_"):
            faults.append(("unknown-key", f"unknown key {key!r}; {suggest(key.lower(), _ROW_KEYS)}"))
    label, name, body = row.get("label"), row.get("id"), row.get("pattern")
    if not isinstance(label, str) or not label.strip():
        faults.append(("bad-label", f"'label': expected a text that is not empty, {_got(row, 'label')}"))
    if name is not None and (isinstance(name, bool) or not isinstance(name, (str, int)) or name == ""):
        faults.append(("bad-id", f"'id': expected a text or an integer, {_got(row, 'id')}"))
    phrase: str | None = None
    elements: tuple[Element, ...] = ()
    if isinstance(body, str) and body.strip():
        phrase = body.strip()
    elif isinstance(body, list) and body:
        try:
            elements = tuple(_parse_elements(body))
        except RowError as error:
            faults.extend(error.faults)
    else:
        faults.append((
            "bad-pattern",
            f"'pattern': expected a phrase or a list of tokens, not empty, {_got(row, 'pattern')}",
        ))  # fmt: skip
    if faults:
        raise RowError(faults=faults)
    written = body if phrase is None else None
    return Pattern(str(label), line_id if name is None else str(name), origin, phrase, elements, written)


def _parse_elements(body: list[Any]) -> Iterator[Element]:
    faults: list[tuple[str, str]] = []
    elements: list[Element] = []
    for index, token in enumerate(body):
        try:
            elements.append(Element(*parse_token(token, f"pattern[{index}]")))
        except RowError as error:
            faults.extend(error.faults)
    if faults:
        raise RowError(faults=faults)
    length = sum(element.minimum if element.maximum is None else element.maximum for element in elements)
    if length > MAX_PATTERN_TOKENS:
        raise RowError(
            "too-long",
            f"expected at most {MAX_PATTERN_TOKENS} tokens, got a pattern of up to {length}",
        )
    if all(element.maximum == 0 for element in elements):
        raise RowError("bad-pattern", "the pattern cannot match any token: all operators have the maximum 0")
    yield from elements


def _got(row: dict[str, Any], key: str) -> str:
    return f"got {format_json(row[key])}" if key in row else "but it is missing"
