"""What checks find: findings, each with its place, and the report of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from nerture.core.annotations.record import Problem
from nerture.core.errors import Origin


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to fix: an ``error`` prevents training on the data, a ``make_warning`` does not.

    ``line`` counts from 1; 0 is the whole file.
    """

    file: str
    line: int
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"

    @classmethod
    def from_problem(cls, problem: Problem) -> Finding:
        """Make a finding from a reader's or source's problem."""
        return cls(problem.origin.file, problem.origin.line, problem.code, problem.message)

    def __str__(self) -> str:
        return f"{Origin(self.file, self.line)}: {self.severity}: {self.message} [{self.code}]"


def make_warning(origin: Origin, code: str, message: str) -> Finding:
    """Make a warning about ``origin``."""
    return Finding(origin.file, origin.line, code, message, "warning")


def warn_left_out(origin: Origin, count: int) -> Finding:
    """Make the warning that a source left out rows or spans because of their answer."""
    return make_warning(
        origin, "left-out", f"rows or spans left out for their answer, reject or ignore: {count}"
    )


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All findings, in the order in which files and lines were read."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What prevents training on the data."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth a look."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def as_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Return ``{"errors": [...], "warnings": [...]}`` of ``file``, ``line``, ``code``, ``message``."""
        return {"errors": _rows(self.errors), "warnings": _rows(self.warnings)}


def _rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {"file": finding.file, "line": finding.line, "code": finding.code, "message": finding.message}
        for finding in findings
    ]
