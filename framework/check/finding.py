"""What the data doctor finds: findings, each at its place, and the report of them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from nerture.core.annotations.record import Problem
from nerture.core.errors import Origin


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: an ``error`` keeps the data from being trained on, a ``warning`` does not.

    ``line`` counts from 1; 0 stands for the whole file.
    """

    file: str
    line: int
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"

    @classmethod
    def of(cls, problem: Problem) -> Finding:
        """Make a finding of a reader's or source's problem."""
        return cls(problem.origin.file, problem.origin.line, problem.code, problem.message)

    def __str__(self) -> str:
        return f"{Origin(self.file, self.line)}: {self.severity}: {self.message} [{self.code}]"


def warning(origin: Origin, code: str, message: str) -> Finding:
    """Make a warning about what stands at ``origin``."""
    return Finding(origin.file, origin.line, code, message, "warning")


def left_out(origin: Origin, count: int) -> Finding:
    """Make the warning that counts what a source leaves out on its own word."""
    return warning(origin, "left-out", f"rows or spans left out for their answer, reject or ignore: {count}")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All findings, in the order of files and lines in which they were met."""

    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the data from being trained on."""
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
