"""Reads patterns from files, and from the starter lists that come with nerture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from nerture.core.annotations.record import Problem
from nerture.core.errors import DataError, Origin, PatternError
from nerture.patterns.compiled import CompiledPatterns, Tokenizer
from nerture.patterns.compiled_file import is_compiled, load_compiled
from nerture.patterns.language import Pattern, raise_problems, read_patterns
from nerture.patterns.row_errors import suggest

PREFIX = "starter:"
"""The prefix of paths that name a starter list: ``starter:countries``."""

_FOLDER = Path(__file__).parent / "lists"


def starter_names() -> tuple[str, ...]:
    """Return the names of all starter lists, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.jsonl")))


def starter_path(name: str) -> Path:
    """Return the file of the starter list ``name``; raises ``DataError`` for an unknown one."""
    names = starter_names()
    if name not in names:
        raise DataError(f"{PREFIX}{name}: unknown starter list; {suggest(name, names)}")
    return _FOLDER / f"{name}.jsonl"


def load_patterns(
    paths: str | Path | Sequence[str | Path], resolve: Callable[[str], Path] = Path
) -> list[Pattern]:
    """Read one or several pattern files; a path may name a starter list (``starter:countries``).

    ``resolve`` makes the other paths absolute. The default ``id`` of a row is its line number, or
    ``FILE:LINE`` if there are several files. Raises ``DataError`` for a file that cannot be read, or was
    compiled, and ``PatternError`` with everything that is wrong in all files.
    """
    all_paths = [paths] if isinstance(paths, (str, Path)) else list(paths)
    patterns: list[Pattern] = []
    problems: list[Problem] = []
    for path in map(str, all_paths):
        file = starter_path(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else resolve(path)
        if is_compiled(file):
            raise DataError(
                "expected a pattern file, got compiled patterns; name the files that they were compiled from",
                Origin(path),
            )
        try:
            patterns.extend(read_patterns(file, path, ids_with_file=len(all_paths) > 1))
        except PatternError as error:
            problems.extend(problem for problem in error.problems if isinstance(problem, Problem))
    raise_problems(problems)
    return patterns


def open_patterns(
    paths: str | Path | Sequence[str | Path],
    tokenizer: Tokenizer | None = None,
    resolve: Callable[[str], Path] = Path,
) -> CompiledPatterns | list[Pattern]:
    """Read one compiled file, or one or several pattern files, for a ``PatternSet``.

    ``tokenizer`` is that of the texts (default: English). Raises what ``load_compiled`` and ``load_patterns``
    raise; a compiled file cannot be combined with others.
    """
    all_paths = [paths] if isinstance(paths, (str, Path)) else list(paths)
    if (
        len(all_paths) == 1
        and not (name := str(all_paths[0])).startswith(PREFIX)
        and is_compiled(resolve(name))
    ):
        return load_compiled(resolve(name), name, tokenizer)
    return load_patterns(all_paths, resolve)
