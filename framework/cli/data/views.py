"""``nerture data list``, ``show`` and ``stats``: shows the contents of the store."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.output import has_colours, make_console, print_json, print_text
from nerture.terminal.text_format import harmless, plural

if TYPE_CHECKING:
    from nerture.sessions.answers.agreement import Agreement
    from nerture.store.records import SavedAnswer, Statistics

VERDICTS = ("accept", "reject", "ignore")
SIGNS = {"accept": "+", "reject": "-", "ignore": "?"}

verdict_option = click.option(
    "--answer", "verdict", type=click.Choice(VERDICTS), help="Only rows with this answer."
)
annotator_option = click.option("--annotator", metavar="NAME", help="Only rows of this annotator.")


@click.command("list", short_help="List the datasets.")
@options.store
@options.as_json
def list_(store: str | None, as_json: bool) -> None:
    """List the datasets of the store.

    With --json: {"store", "datasets": [{"name", "answers", "sessions", "created"}]}, with times in
    seconds since 1970.

    \b
    Examples:
      nerture data list
      nerture data list --store team.sqlite --json | jq -r '.datasets[].name'
    """
    from nerture.store.store import Store

    with Store.open(store, create=False) as opened:
        datasets = opened.datasets()
        place = opened.place
    if as_json:
        print_json({"store": place, "datasets": [asdict(info) for info in datasets]})
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    table.add_column("dataset")
    for name in ("answers", "sessions", "created"):
        table.add_column(name, justify="right")
    for info in datasets:
        counts = f"{info.answers:,}", f"{info.sessions:,}"
        table.add_row(Text(harmless(info.name)), *counts, _format_time(info.created))
    output = make_console()
    if datasets:
        output.print(table)
    output.print(f"{plural(len(datasets), 'dataset')} in {place}", soft_wrap=True)


@click.command("show", short_help="Show the newest answers of a dataset.")
@click.argument("dataset", metavar="DATASET")
@click.option(
    "-n", "count", type=click.IntRange(1), default=10, show_default=True, help="How many answers to show."
)
@verdict_option
@annotator_option
@options.store
@options.as_json
def show(
    dataset: str, count: int, verdict: str | None, annotator: str | None, store: str | None, as_json: bool
) -> None:
    """Show the newest answers of DATASET, newest last: + accepted, - rejected, ? ignored.

    With --json: {"dataset", "answers": [ROW, ...]}, with rows as exported.

    \b
    Examples:
      nerture data show clicks
      nerture data show clicks -n 50 --answer reject
    """
    from nerture.store.reading import AnswerFilter
    from nerture.store.store import Store

    with Store.open(store, create=False) as opened:
        answers = list(opened.answers(dataset, AnswerFilter(verdict, annotator, count)))
    if as_json:
        print_json({"dataset": dataset, "answers": [answer.row for answer in answers]})
        return
    for answer in answers:
        print_text(_format_answer(answer))


@click.command("stats", short_help="Count the answers of a dataset.")
@click.argument("dataset", metavar="DATASET")
@options.store
@options.as_json
def stats(dataset: str, store: str | None, as_json: bool) -> None:
    """Count the answers of DATASET by verdict, annotator and label.

    If several annotators have answered the same questions, it also shows their agreement: Cohen's kappa for
    each pair, Krippendorff's alpha for all; 1 is perfect agreement, 0 chance agreement.

    With --json: {"name", "answers", "undone", "texts", "sessions", "verdicts", "annotators", "labels",
    "seconds", "first", "last", "agreement"}. "labels" counts spans by verdict; "seconds" is the total answer
    time, null if unknown. "agreement" is null or {"questions", "units", "observed", "alpha", "pairs":
    [{"annotators", "kappa", "questions"}]}: the number of questions that two or more annotators have
    answered, the number of units that they judged (spans, and tokens of whole texts), and the share of pairs
    of verdicts that are equal. Undefined figures are null.

    \b
    Examples:
      nerture data stats clicks
      nerture data stats clicks --json | jq .verdicts
    """
    from nerture.store.store import Store

    agreement: Agreement | None = None
    with Store.open(store, create=False) as opened:
        counted = opened.statistics(dataset)
        if len(counted.annotators) > 1:
            from nerture.sessions.answers.dataset_agreement import measure_dataset_agreement

            agreement = measure_dataset_agreement(opened.answers(dataset))
    if as_json:
        print_json({**asdict(counted), "agreement": None if agreement is None else agreement.as_dict()})
    else:
        _print(counted, agreement)


def _print(counted: Statistics, agreement: Agreement | None) -> None:
    from rich.table import Table
    from rich.text import Text

    facts = Table(box=None, show_header=False)
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")

    def add(name: str, value: str) -> None:
        facts.add_row(Text(harmless(name)), Text(harmless(value)))

    add("dataset", counted.name)
    add(
        "answers",
        f"{counted.answers:,}" + (f" ({_format_counts(counted.verdicts)})" if counted.verdicts else ""),
    )
    if counted.undone:
        add("undone", f"{counted.undone:,}")
    add("texts", f"{counted.texts:,}")
    add("annotators", _format_counts(counted.annotators))
    for label, counts in counted.labels.items():
        add(f"label {label}", _format_counts(counts))
    if counted.sessions:
        add("sessions", f"{counted.sessions:,}")
    if counted.seconds is not None:
        add("time taken", f"{counted.seconds / 60:.1f} minutes")
    if counted.first is not None and counted.last is not None:
        add("answered", f"{_format_time(counted.first)} to {_format_time(counted.last)}")
    if agreement is not None:
        add(
            "agreement",
            f"alpha {_format_figure(agreement.alpha)} on {plural(agreement.questions, 'question')}",
        )
        for (first, second), pair in agreement.pairs.items():
            questions = plural(pair.questions, "question")
            add("", f"{first} and {second}: kappa {_format_figure(pair.kappa)} on {questions}")
    make_console().print(facts)


def _format_figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _format_time(time: float) -> str:
    """Return a time in UTC for people to read."""
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):  # a row may have any number
        return f"{time:g} s"


def _format_answer(answer: SavedAnswer) -> str:
    """Return an answer as one line: the verdict, and the text with its spans marked."""
    annotator = f"  ({harmless(answer.annotator)})" if answer.annotator else ""
    text = _highlight(answer.row) if answer.text is not None else "(no text)"
    return f"{SIGNS.get(answer.verdict or '', ' ')} {text}{annotator}"


def _highlight(row: Mapping[str, Any]) -> str:
    """Return the row's text with its spans marked; plain if the row cannot be read."""
    import numpy as np

    from nerture.core.annotations.json_rows import read_row
    from nerture.core.annotations.record import Record
    from nerture.core.errors import Origin
    from nerture.core.text.doc import Doc, Span
    from nerture.terminal.highlight import Highlighter

    (first, *_) = read_row(row, Origin("dataset"))
    if not isinstance(first, Record) or not first.spans:
        return harmless(row["text"])
    bounds = sorted({bound for span in first.spans for bound in (span.start_char, span.end_char)})
    # tokens that start and end where the spans do, whatever the tokens of the text are
    offsets = np.array(list(pairwise(bounds)), dtype=np.int32)
    doc = Doc.from_offsets(first.text, offsets)
    index = {bound: number for number, bound in enumerate(bounds)}
    spans = sorted({(index[span.start_char], index[span.end_char], span.label) for span in first.spans})
    highlight = Highlighter(sorted({label for _, _, label in spans}), has_colours(sys.stdout))
    return highlight(doc, [Span(start, end, label, doc=doc) for start, end, label in spans])
