"""Counts of the answers about patterns' hits, and the reliability that follows from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from nerture.core.annotations.json_rows import format_value
from nerture.core.annotations.line_reader import decode_lines
from nerture.core.annotations.record import Problem
from nerture.core.errors import DataError, Origin

KEYS = ("pattern", "accepted", "rejected")
MAX_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """Numbers of a pattern's accepted and rejected hits."""

    accepted: int = 0
    rejected: int = 0

    def reliability(self, prior: float, answers: float) -> float:
        """Return the posterior mean of the share of right hits.

        The prior is a Beta distribution with mean ``prior`` and the weight of this number of ``answers``.
        """
        return (self.accepted + prior * answers) / (self.accepted + self.rejected + answers)


def read_pattern_stats(path: Path, name: str) -> dict[str, PatternCounts]:
    """Read JSON lines of ``{"pattern": id, "accepted": 12, "rejected": 3}``; rows of one pattern add up.

    Messages call the file ``name``. Raises ``DataError`` for a file that cannot be read, and for wrong rows,
    which the message lists.
    """
    try:
        with path.open("rb") as stream:
            return _read(stream, name)
    except OSError as error:
        raise DataError(f"cannot read pattern stats: {error.strerror or error}", Origin(name)) from error


def _read(stream: BinaryIO, name: str) -> dict[str, PatternCounts]:
    counts: dict[str, PatternCounts] = {}
    problems: list[str] = []
    for line in decode_lines(stream, name):
        if isinstance(line, Problem):
            problems.append(str(line))
        elif line.text.strip():
            try:
                pattern, count = _parse_row(line.text)
            except ValueError as error:
                problems.append(f"{Origin(name, line.number)}: {error}")
            else:
                total = counts.get(pattern, PatternCounts())
                counts[pattern] = PatternCounts(
                    total.accepted + count.accepted, total.rejected + count.rejected
                )
    if problems:
        more = len(problems) - MAX_SHOWN_PROBLEMS
        raise DataError("\n".join(problems[:MAX_SHOWN_PROBLEMS] + [f"and {more} more"] * (more > 0)))
    return counts


def _parse_row(text: str) -> tuple[str, PatternCounts]:
    """Return a row's pattern and its counts; raises ``ValueError`` for a wrong row."""
    try:
        row: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not usable JSON: {error}") from error
    if not isinstance(row, dict) or set(row) != set(KEYS):
        raise ValueError(f"expected an object with exactly {', '.join(KEYS)}, got {format_value(row)}")
    if not isinstance(row["pattern"], str):
        raise ValueError(f"pattern: expected a pattern's id, a string, got {format_value(row['pattern'])}")
    for key in KEYS[1:]:
        if not isinstance(row[key], int) or isinstance(row[key], bool) or row[key] < 0:
            raise ValueError(f"{key}: expected a whole number, 0 or more, got {format_value(row[key])}")
    return row["pattern"], PatternCounts(row["accepted"], row["rejected"])
