"""The report of an evaluation as tables: a row for each label and one for all; how sure it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nerture.cli.common.output import console
from nerture.terminal.text_format import harmless, percent, plural

if TYPE_CHECKING:
    from nerture.evaluation.reliability import Reliability
    from nerture.evaluation.scorer import Counts, Report


def print_report(report: Report, before: Mapping[str, float] | None = None) -> None:
    """Print the report to standard output; ``before`` is the F1 that some labels had before training."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    table.add_column("label")
    started = () if before is None else ("before",)
    for name in ("precision", "recall", "F1", *started, "known", "found", "right"):
        table.add_column(name, justify="right")

    def add(name: str, counts: Counts, old: float | None = None, style: str = "") -> None:
        shares = [percent(share) for share in (counts.precision, counts.recall, counts.f1)]
        if started:
            shares.append("" if old is None else percent(old))
        numbers = (counts.known, counts.predicted, counts.right)
        table.add_row(Text(harmless(name)), *shares, *(f"{number:,}" for number in numbers), style=style)

    for label, counts in sorted(report.per_label.items()):
        add(label, counts, (before or {}).get(label))
    table.add_section()
    add("all", report.total, style="bold")
    printed = console()
    printed.print(table)
    rate = f", {report.words / report.seconds:,.0f} words/s" if report.seconds else ""
    printed.print(f"{plural(report.texts, 'text')}, {plural(report.words, 'word')}{rate}")


def print_reliability(known: Reliability) -> None:
    """Print to standard output how the probabilities of what was found compare with what is right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column("probability")
    for name in ("found", "mean", "right"):
        table.add_column(name, justify="right")
    for part in known.bins:
        if part.confidence is not None and part.accuracy is not None:
            shares = map(percent, (part.confidence, part.accuracy))
            table.add_row(f"{part.lower:.1f} to {part.upper:.1f}", f"{part.count:,}", *shares)
    table.add_section()
    table.add_row("all", f"{len(known):,}", percent(known.confidence), percent(known.accuracy), style="bold")
    printed = console()
    printed.print(table)
    printed.print(f"ECE {percent(known.ece)}, Brier {known.brier:.3f}")
