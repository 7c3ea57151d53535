"""Where patterns come from: files, and the starter lists that come with nerture, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from nerture.core.annotations.record import Problem
from nerture.core.errors import DataError, Origin, PatternError
from nerture.patterns.compiled import CompiledPatterns, Tokenizer
from nerture.patterns.compiled_file import is_compiled, load_compiled
from nerture.patterns.language import Pattern, read_patterns, refuse
from nerture.patterns.row_errors import nearest

PREFIX = "starter:"
"""What a path begins with that names a starter list: ``starter:countries``."""

_FOLDER = Path(__file__).parent / "lists"


def starter_names() -> tuple[str, ...]:
    """Return the names of all starter lists, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.jsonl")))


def starter_path(name: str) -> Path:
    """Return the file of the starter list ``name``; an unknown one is a ``DataError``."""
    names = starter_names()
    if name not in names:
        raise DataError(f"{PREFIX}{name}: no starter list has this name; {nearest(name, names)}")
    return _FOLDER / f"{name}.jsonl"


def load_patterns(
    paths: str | Path | Sequence[str | Path], resolve: Callable[[str], Path] = Path
) -> list[Pattern]:
    """Read one or several pattern files; a path may name a starter list (``starter:countries``).

    ``resolve`` makes the other paths absolute. A row without an ``id`` gets its line number, and of several
    files ``FILE:LINE``. Raises ``DataError`` for a file that cannot be read, or was compiled, and
    ``PatternError`` with everything that is wrong in all the files.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    patterns: list[Pattern] = []
    problems: list[Problem] = []
    for path in map(str, given):
        file = starter_path(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else resolve(path)
        if is_compiled(file):
            raise DataError(
                "compiled patterns, of which only the whole file can be matched; "
                "name the files that it was compiled from",
                Origin(path),
            )
        try:
            patterns.extend(read_patterns(file, path, ids_with_file=len(given) > 1))
        except PatternError as error:
            problems.extend(problem for problem in error.problems if isinstance(problem, Problem))
    refuse(problems)
    return patterns


def open_patterns(
    paths: str | Path | Sequence[str | Path],
    tokenizer: Tokenizer | None = None,
    resolve: Callable[[str], Path] = Path,
) -> CompiledPatterns | list[Pattern]:
    """Read one compiled file, or one or several pattern files: what a ``PatternSet`` takes.

    ``tokenizer`` is the one of the texts (default: English). Raises what ``load_compiled`` and
    ``load_patterns`` raise; a compiled file goes alone.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    if len(given) == 1 and not (name := str(given[0])).startswith(PREFIX) and is_compiled(resolve(name)):
        return load_compiled(resolve(name), name, tokenizer)
    return load_patterns(given, resolve)
