"""How patterns have fared: answers about their hits, counted, and the reliability that follows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from nerture.core.annotations.json_rows import shown
from nerture.core.annotations.line_reader import decoded_lines
from nerture.core.annotations.record import Problem
from nerture.core.errors import DataError, Origin

KEYS = ("pattern", "accepted", "rejected")
SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """How many of a pattern's hits were accepted and rejected."""

    accepted: int = 0
    rejected: int = 0

    def reliability(self, prior: float, answers: float) -> float:
        """Return the posterior mean of the share of right hits.

        The prior is a Beta distribution of mean ``prior`` that weighs as much as so many ``answers``.
        """
        return (self.accepted + prior * answers) / (self.accepted + self.rejected + answers)


def read_pattern_records(path: Path, name: str) -> dict[str, PatternCounts]:
    """Read JSON lines of ``{"pattern": id, "accepted": 12, "rejected": 3}``; rows of one pattern add up.

    ``name`` is what messages call the file. Raises ``DataError`` for a file that cannot be read, and with
    what is wrong in it.
    """
    try:
        with path.open("rb") as stream:
            return _read(stream, name)
    except OSError as error:
        raise DataError(f"the records cannot be read: {error.strerror or error}", Origin(name)) from error


def _read(stream: BinaryIO, name: str) -> dict[str, PatternCounts]:
    records: dict[str, PatternCounts] = {}
    problems: list[str] = []
    for line in decoded_lines(stream, name):
        if isinstance(line, Problem):
            problems.append(str(line))
        elif line.text.strip():
            try:
                pattern, record = _parsed(line.text)
            except ValueError as error:
                problems.append(f"{Origin(name, line.number)}: {error}")
            else:
                before = records.get(pattern, PatternCounts())
                records[pattern] = PatternCounts(
                    before.accepted + record.accepted, before.rejected + record.rejected
                )
    if problems:
        more = len(problems) - SHOWN_PROBLEMS
        raise DataError("\n".join(problems[:SHOWN_PROBLEMS] + [f"and {more} more"] * (more > 0)))
    return records


def _parsed(text: str) -> tuple[str, PatternCounts]:
    """Return a row's pattern and its record; raises ``ValueError`` with what is wrong."""
    try:
        row: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not usable JSON: {error}") from error
    if not isinstance(row, dict) or set(row) != set(KEYS):
        raise ValueError(f"expected an object with {', '.join(KEYS)}, and no more, got {shown(row)}")
    if not isinstance(row["pattern"], str):
        raise ValueError(f"pattern: expected the id of a pattern, as text, got {shown(row['pattern'])}")
    for key in KEYS[1:]:
        if not isinstance(row[key], int) or isinstance(row[key], bool) or row[key] < 0:
            raise ValueError(f"{key}: expected a whole number, 0 or more, got {shown(row[key])}")
    return row["pattern"], PatternCounts(row["accepted"], row["rejected"])
