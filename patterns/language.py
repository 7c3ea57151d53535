"""The pattern language, read and checked: rows of JSON in, patterns out, or all that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nerture.core.annotations.record import Problem
from nerture.core.errors import DataError, Origin, PatternError
from nerture.patterns.predicates import TokenTest
from nerture.patterns.row_errors import RowError, nearest, shown
from nerture.patterns.token_rules import parse_token

SHOWN = 20
"""How many problems the message of an error lists; the error's ``problems`` has all of them."""

MAX_PATTERN_TOKENS = 1000
"""Upper bound of a pattern's length in tokens, its operators written out."""

_ROW_KEYS = ("label", "pattern", "id")


@dataclass(frozen=True, slots=True)
class Element:
    """A token of a pattern with its operator: at least ``least``, at most ``most`` times (None: no limit)."""

    test: TokenTest
    least: int = 1
    most: int | None = 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of a pattern file.

    Either ``phrase`` is a text, to be cut by the tokenizer and matched exactly, or it is None and
    ``elements`` are the tokens; ``row`` is then the pattern as it was written.
    """

    label: str
    id: str
    origin: Origin
    phrase: str | None = None
    elements: tuple[Element, ...] = ()
    row: list[Any] | None = field(default=None, compare=False, repr=False)


def read_patterns(path: Path | str, name: str | None = None, ids_with_file: bool = False) -> list[Pattern]:
    """Read a file of patterns (JSONL, UTF-8); ``name`` is what messages call it.

    A row without an ``id`` gets its line number, or ``FILE:LINE`` if ``ids_with_file``. Raises ``DataError``
    when the file cannot be read and ``PatternError`` with everything that is wrong in it.
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
    """Read patterns from lines of JSON or from rows already decoded; empty lines are passed over.

    A row without an ``id`` gets ``ids_prefix`` and its line number, counted from 1. Raises ``PatternError``
    with everything that is wrong.
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
            problems.extend(Problem(origin, code, message, raw) for code, message in error.found)
    refuse(problems)
    return patterns


def refuse(problems: list[Problem]) -> None:
    """Raise a ``PatternError`` that lists the problems, if there are any."""
    if not problems:
        return
    first, *rest = problems
    lines = [first.message, *(str(problem) for problem in rest[: SHOWN - 1])]
    if len(problems) > SHOWN:
        lines.append(f"and {len(problems) - SHOWN} more")
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
            "not-an-object", f"{shown(row)} is no pattern: a row is an object with 'label' and 'pattern'"
        )
    found: list[tuple[str, str]] = []
    for key in row:
        if key not in _ROW_KEYS and key != "meta" and not key.startswith("_"):
            found.append(("unknown-key", f"unknown key {key!r}; {nearest(key.lower(), _ROW_KEYS)}"))
    label, name, body = row.get("label"), row.get("id"), row.get("pattern")
    if not isinstance(label, str) or not label.strip():
        found.append(("bad-label", f"'label' must be a text that is not empty, not {_given(row, 'label')}"))
    if name is not None and (isinstance(name, bool) or not isinstance(name, (str, int)) or name == ""):
        found.append(("bad-id", f"'id' must be a text or an integer, not {shown(name)}"))
    phrase: str | None = None
    elements: tuple[Element, ...] = ()
    if isinstance(body, str) and body.strip():
        phrase = body.strip()
    elif isinstance(body, list) and body:
        try:
            elements = tuple(_parse_elements(body))
        except RowError as error:
            found.extend(error.found)
    else:
        found.append((
            "bad-pattern",
            f"'pattern' must be a phrase or a list of tokens, neither empty, not {_given(row, 'pattern')}",
        ))  # fmt: skip
    if found:
        raise RowError(found=found)
    written = body if phrase is None else None
    return Pattern(str(label), line_id if name is None else str(name), origin, phrase, elements, written)


def _parse_elements(body: list[Any]) -> Iterator[Element]:
    found: list[tuple[str, str]] = []
    elements: list[Element] = []
    for index, token in enumerate(body):
        try:
            elements.append(Element(*parse_token(token, f"pattern[{index}]")))
        except RowError as error:
            found.extend(error.found)
    if found:
        raise RowError(found=found)
    length = sum(element.least if element.most is None else element.most for element in elements)
    if length > MAX_PATTERN_TOKENS:
        raise RowError(
            "too-long",
            f"the pattern asks for up to {length} tokens; at most {MAX_PATTERN_TOKENS} are allowed",
        )
    if all(element.most == 0 for element in elements):
        raise RowError("bad-pattern", "the pattern can match no token: every operator says none")
    yield from elements


def _given(row: dict[str, Any], key: str) -> str:
    return shown(row[key]) if key in row else "missing"
