"""Reads files of texts (gzip, standard input) row by row with the reader of their format."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar

from nerture.errors import ConfigError, CorpusError
from nerture.files.byte_source import open_bytes, source_name
from nerture.interfaces import Format, Problem, Reader, Record, Services

if TYPE_CHECKING:
    from nerture.registry import Registry

MAX_LISTED_PROBLEMS = 20
HEAD_BYTES = 65_536
FALLBACK_FORMAT = "text"

T = TypeVar("T")


def read_records(
    path: Path | str,
    registry: Registry,
    services: Services,
    format: Format = None,
    named_by: str | None = None,
) -> Iterator[Record | Problem]:
    """Yield the rows of a file (``-`` for standard input), or what is wrong with them.

    Gzip is recognized by its first bytes. ``format`` names the reader; else the file's ending decides, else
    its first lines, and else it is plain text. ``named_by`` is the place that names the file
    (``pipeline.yaml:7``), for messages. The file is opened, and its format determined, before this returns.
    Raises ``DataError`` for a file that cannot be read, also while reading, and ``ConfigError`` for an
    unknown format.
    """
    where = f" (named by {named_by})" if named_by else ""
    reader, stream = open_with_reader(path, registry, services, format, where)
    return _rows(reader, stream, source_name(path))


def open_with_reader(
    path: Path | str, registry: Registry, services: Services, format: Format = None, where: str = ""
) -> tuple[Reader, BinaryIO]:
    """Open a file and find its reader; ``where`` is added to messages. Raises as ``read_records`` does."""
    stream = open_bytes(path, where)
    try:
        return choose_reader(path, registry, services, format, _head(stream)), stream
    except ConfigError as error:
        stream.close()
        raise ConfigError(f"{error}{where}") from error
    except BaseException:
        stream.close()
        raise


def _head(stream: io.BufferedReader[Any]) -> str:
    """Return the beginning of the stream, without consuming it."""
    head = stream.peek(HEAD_BYTES)
    return head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace").replace("\r\n", "\n")


def _rows(reader: Reader, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
    with closing(stream):
        yield from reader.read(stream, name)


def choose_reader(
    path: Path | str,
    registry: Registry,
    services: Services,
    format: Format = None,
    head: str = "",
) -> Reader:
    """Return the reader that ``format`` names, or that fits the file's ending or first lines."""
    if format is not None:
        options = {"use": format} if isinstance(format, str) else dict(format)
        name = options.pop("use", None)
        if not isinstance(name, str):
            raise ConfigError(f"format: expected a name or an object with use: NAME, got {format!r}")
        return registry.create("reader", name, options, services, f"format of {source_name(path)}")
    readers = dict(_default_readers(registry, services))
    ending = Path(str(path).removesuffix(".gz")).suffix.lower()
    for reader in readers.values():
        if ending and ending in reader.suffixes:
            return reader
    for reader in readers.values():
        if reader.sniff(head):
            return reader
    if FALLBACK_FORMAT not in readers:
        raise ConfigError(f"{source_name(path)}: unknown format; name one of {', '.join(readers)}")
    return readers[FALLBACK_FORMAT]


def _default_readers(registry: Registry, services: Services) -> Iterator[tuple[str, Reader]]:
    for name in registry.names("reader"):
        try:
            yield name, registry.create("reader", name, {}, services)
        except ConfigError:  # it needs options, so it must be named
            continue


@dataclass(frozen=True, slots=True)
class ReadResult(Generic[T]):
    """The items that can be used, the problems of the others, and notes about rows that were left out."""

    items: list[T]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def collect(items: Iterable[T | Problem], what: str, skip_bad: bool = False) -> ReadResult[T]:
    """Collect ``items``; ``what`` names them in messages (``drugs.jsonl``).

    Raises ``CorpusError`` if any has a problem (unless ``skip_bad``), or if none is left. The message lists
    the first twenty problems and counts the others; the error's ``problems`` has all of them.
    """
    good: list[T] = []
    problems: list[Problem] = []
    notes: list[Problem] = []
    for item in items:
        if not isinstance(item, Problem):
            good.append(item)
        elif item.severity == "note":
            notes.append(item)
        else:
            problems.append(item)
    if problems and not skip_bad:
        raise CorpusError(f"{what}: {_list_problems(problems)}", tuple(problems))
    if not good:
        left_out = f"; {len(notes)} left out (answer reject or ignore)" if notes else ""
        bad = f"; {_list_problems(problems)}" if problems else ""
        raise CorpusError(f"{what}: no text to use{left_out}{bad}", tuple(problems))
    return ReadResult(good, tuple(problems), tuple(notes))


def _list_problems(problems: list[Problem]) -> str:
    count = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
    lines = [f"\n  {problem}" for problem in problems[:MAX_LISTED_PROBLEMS]]
    more = len(problems) - MAX_LISTED_PROBLEMS
    return count + "".join(lines) + (f"\n  and {more} more" if more > 0 else "")


def count_by_code(problems: Iterable[Problem]) -> Mapping[str, int]:
    """Count problems by code, the most frequent first."""
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.code] = counts.get(problem.code, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
