"""The report of an evaluation as a table: a row for each label, and one for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nerture.cli.output import console, harmless, percent, plural

if TYPE_CHECKING:
    from nerture.scorer import Counts, Report


def print_report(report: Report) -> None:
    """Print the report to standard output."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    table.add_column("label")
    for name in ("precision", "recall", "F1", "known", "found", "right"):
        table.add_column(name, justify="right")

    def add(name: str, counts: Counts, style: str = "") -> None:
        shares = (counts.precision, counts.recall, counts.f1)
        numbers = (counts.known, counts.predicted, counts.right)
        table.add_row(
            Text(harmless(name)), *map(percent, shares), *(f"{number:,}" for number in numbers), style=style
        )

    for label, counts in sorted(report.per_label.items()):
        add(label, counts)
    table.add_section()
    add("all", report.total, "bold")
    printed = console()
    printed.print(table)
    rate = f", {report.words / report.seconds:,.0f} words/s" if report.seconds else ""
    printed.print(f"{plural(report.texts, 'text')}, {plural(report.words, 'word')}{rate}")
