"""Prints the findings of ``nerture check``: by file, errors before warnings, twenty of a kind."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from nerture.cli.common.output import has_colours, print_text
from nerture.terminal.text_format import harmless, plural

if TYPE_CHECKING:
    from nerture.check import CheckReport, Finding

MAX_SHOWN = 20
COLOURS = {"error": "red", "warning": "yellow"}


def print_findings(report: CheckReport, subject: str, everything: bool) -> None:
    """Print the findings to standard output; if ``everything``, without a limit per kind."""
    by_file: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_file.setdefault(finding.file, []).append(finding)
    for findings in by_file.values():
        print_text("\n".join(_format_findings(findings, everything)) + "\n")
    errors, warnings = len(report.errors), len(report.warnings)
    if errors or warnings:
        kinds = Counter(finding.code for finding in report.errors)
        by_kind = (
            ": " + ", ".join(f"{count:,} {code}" for code, count in kinds.most_common()) if kinds else ""
        )
        print_text(f"{harmless(subject)}: {plural(errors, 'error')}, {plural(warnings, 'warning')}{by_kind}")
    else:
        print_text(f"{harmless(subject)}: nothing to repair")


def _format_findings(findings: list[Finding], everything: bool) -> list[str]:
    lines = []
    counts = Counter((finding.severity, finding.code) for finding in findings)
    shown: Counter[tuple[str, str]] = Counter()
    for finding in sorted(findings, key=lambda finding: (finding.severity, finding.line)):
        kind = finding.severity, finding.code
        shown[kind] += 1
        if everything or shown[kind] <= MAX_SHOWN:
            lines.append(_format_finding(finding))
        elif shown[kind] == MAX_SHOWN + 1:
            lines.append(f"  and {counts[kind] - MAX_SHOWN:,} more of [{finding.code}] (--all shows them)")
    return lines


def _format_finding(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    severity, code = str(finding.severity), f"[{finding.code}]"
    if has_colours(sys.stdout):
        severity = click.style(severity, fg=COLOURS[severity], bold=True)
        code = click.style(code, dim=True)
    return f"{harmless(place)}: {severity}: {harmless(finding.message)} {code}"
