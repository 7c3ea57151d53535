"""Prints the report of an evaluation as tables: scores per label and in total, and reliability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nerture.cli.common.output import make_console
from nerture.terminal.text_format import harmless, percent, plural

if TYPE_CHECKING:
    from nerture.evaluation.reliability import Reliability
    from nerture.evaluation.scorer import Counts, Report


def print_report(report: Report, before: Mapping[str, float] | None = None) -> None:
    """Print the report to standard output; ``before`` has the F1 that some labels had before training."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    table.add_column("label")
    before_column = () if before is None else ("before",)
    for name in ("precision", "recall", "F1", *before_column, "known", "found", "right"):
        table.add_column(name, justify="right")

    def add(name: str, counts: Counts, old: float | None = None, style: str = "") -> None:
        shares = [percent(share) for share in (counts.precision, counts.recall, counts.f1)]
        if before_column:
            shares.append("" if old is None else percent(old))
        numbers = (counts.known, counts.predicted, counts.right)
        table.add_row(Text(harmless(name)), *shares, *(f"{number:,}" for number in numbers), style=style)

    for label, counts in sorted(report.per_label.items()):
        add(label, counts, (before or {}).get(label))
    table.add_section()
    add("all", report.total, style="bold")
    table_console = make_console()
    table_console.print(table)
    rate = f", {report.words / report.seconds:,.0f} words/s" if report.seconds else ""
    table_console.print(f"{plural(report.texts, 'text')}, {plural(report.words, 'word')}{rate}")


def print_reliability(reliability: Reliability) -> None:
    """Print to standard output how the probabilities of entities compare with the share that is right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column("probability")
    for name in ("found", "mean", "right"):
        table.add_column(name, justify="right")
    for part in reliability.bins:
        if part.confidence is not None and part.accuracy is not None:
            shares = map(percent, (part.confidence, part.accuracy))
            table.add_row(f"{part.lower:.1f} to {part.upper:.1f}", f"{part.count:,}", *shares)
    table.add_section()
    table.add_row(
        "all",
        f"{len(reliability):,}",
        percent(reliability.confidence),
        percent(reliability.accuracy),
        style="bold",
    )
    table_console = make_console()
    table_console.print(table)
    table_console.print(f"ECE {percent(reliability.ece)}, Brier {reliability.brier:.3f}")
