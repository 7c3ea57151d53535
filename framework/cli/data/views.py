"""``nerture data list``, ``show`` and ``stats``: what the store holds."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from nerture.cli.common import options
from nerture.cli.common.output import coloured, console, print_json, print_text
from nerture.terminal.text_format import harmless, plural

if TYPE_CHECKING:
    from nerture.sessions.answers.agreement import Agreement
    from nerture.store.records import SavedAnswer, Statistics

VERDICTS = ("accept", "reject", "ignore")
SIGNS = {"accept": "+", "reject": "-", "ignore": "?"}

verdict_option = click.option(
    "--answer", "verdict", type=click.Choice(VERDICTS), help="Only the rows with this answer."
)
annotator_option = click.option("--annotator", metavar="NAME", help="Only what this annotator answered.")


@click.command("list", short_help="List the datasets.")
@options.store
@options.as_json
def list_(store: str | None, as_json: bool) -> None:
    """List the datasets of the store.

    With --json: {"store", "datasets": [{"name", "answers", "sessions", "created"}]}; times are in seconds
    since 1970.

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
    for name in ("answers", "sessions", "made"):
        table.add_column(name, justify="right")
    for info in datasets:
        counts = f"{info.answers:,}", f"{info.sessions:,}"
        table.add_row(Text(harmless(info.name)), *counts, _moment(info.created))
    printed = console()
    if datasets:
        printed.print(table)
    printed.print(f"{plural(len(datasets), 'dataset')} in {place}", soft_wrap=True)


@click.command("show", short_help="Show the newest answers of a dataset.")
@click.argument("dataset", metavar="DATASET")
@click.option(
    "-n", "count", type=click.IntRange(1), default=10, show_default=True, help="How many of the newest."
)
@verdict_option
@annotator_option
@options.store
@options.as_json
def show(
    dataset: str, count: int, verdict: str | None, annotator: str | None, store: str | None, as_json: bool
) -> None:
    """Show the newest answers of DATASET, the newest last: + accepted, - rejected, ? ignored.

    With --json: {"dataset", "answers": [ROW, ...]}, rows as they are exported.

    \b
    Examples:
      nerture data show clicks
      nerture data show clicks -n 50 --answer reject
    """
    from nerture.store.reading import Chosen
    from nerture.store.store import Store

    with Store.open(store, create=False) as opened:
        answers = list(opened.answers(dataset, Chosen(verdict, annotator, count)))
    if as_json:
        print_json({"dataset": dataset, "answers": [answer.row for answer in answers]})
        return
    for answer in answers:
        print_text(_line(answer))


@click.command("stats", short_help="Count what is in a dataset.")
@click.argument("dataset", metavar="DATASET")
@options.store
@options.as_json
def stats(dataset: str, store: str | None, as_json: bool) -> None:
    """Count the answers of DATASET: by what was answered, by annotator, by label.

    Where several annotators have answered the same questions, it says how far they agree: Cohen's kappa of
    each pair, Krippendorff's alpha of all; 1 is full agreement, 0 what chance would give.

    With --json: {"name", "answers", "undone", "texts", "sessions", "verdicts", "annotators", "labels",
    "seconds", "first", "last", "agreement"}; "labels" counts spans by what was answered about them, "seconds"
    is the time that the answers took, null where it is not known. "agreement" is null or {"questions",
    "units", "observed", "alpha", "pairs": [{"annotators", "kappa", "questions"}]}: how many questions two or
    more have answered, how many things they judged in them (spans, and tokens of whole texts), and the share
    of pairs of judgements that are the same; a figure that is not defined is null.

    \b
    Examples:
      nerture data stats clicks
      nerture data stats clicks --json | jq .verdicts
    """
    from nerture.store.store import Store

    agreed: Agreement | None = None
    with Store.open(store, create=False) as opened:
        counted = opened.statistics(dataset)
        if len(counted.annotators) > 1:
            from nerture.sessions.answers.dataset_agreement import saved_agreement

            agreed = saved_agreement(opened.answers(dataset))
    if as_json:
        print_json({**asdict(counted), "agreement": None if agreed is None else agreed.as_dict()})
    else:
        _print(counted, agreed)


def _print(counted: Statistics, agreed: Agreement | None) -> None:
    from rich.table import Table
    from rich.text import Text

    facts = Table(box=None, show_header=False)
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")

    def add(name: str, value: str) -> None:
        facts.add_row(Text(harmless(name)), Text(harmless(value)))

    add("dataset", counted.name)
    add("answers", f"{counted.answers:,}" + (f" ({_counts(counted.verdicts)})" if counted.verdicts else ""))
    if counted.undone:
        add("taken back", f"{counted.undone:,}")
    add("texts", f"{counted.texts:,}")
    add("annotators", _counts(counted.annotators))
    for label, counts in counted.labels.items():
        add(f"label {label}", _counts(counts))
    if counted.sessions:
        add("sessions", f"{counted.sessions:,}")
    if counted.seconds is not None:
        add("time taken", f"{counted.seconds / 60:.1f} minutes")
    if counted.first is not None and counted.last is not None:
        add("answered", f"{_moment(counted.first)} to {_moment(counted.last)}")
    if agreed is not None:
        add("agreement", f"alpha {_figure(agreed.alpha)} on {plural(agreed.questions, 'question')}")
        for (one, other), pair in agreed.pairs.items():
            add("", f"{one} and {other}: kappa {_figure(pair.kappa)} on {plural(pair.questions, 'question')}")
    console().print(facts)


def _figure(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _moment(time: float) -> str:
    """Return a time in UTC, for reading."""
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):  # a row may say any number
        return f"{time:g} s"


def _line(answer: SavedAnswer) -> str:
    """Return an answer as one line: what was answered, and the text with its spans marked."""
    who = f"  ({harmless(answer.annotator)})" if answer.annotator else ""
    text = _marked(answer.row) if answer.text is not None else "(no text)"
    return f"{SIGNS.get(answer.verdict or '', ' ')} {text}{who}"


def _marked(row: Mapping[str, Any]) -> str:
    """Return the row's text with its spans marked; one that cannot be read as a text stands plain."""
    import numpy as np

    from nerture.core.annotations.json_rows import read_row
    from nerture.core.annotations.record import Record
    from nerture.core.errors import Origin
    from nerture.core.text.doc import Doc, Span
    from nerture.terminal.highlight import Highlighter

    (first, *_) = read_row(row, Origin("dataset"))
    if not isinstance(first, Record) or not first.spans:
        return harmless(row["text"])
    bounds = sorted({place for span in first.spans for place in (span.start_char, span.end_char)})
    # tokens that begin and end where the spans do, whatever those of the text are
    offsets = np.array(list(pairwise(bounds)), dtype=np.int32)
    doc = Doc.from_offsets(first.text, offsets)
    place = {bound: number for number, bound in enumerate(bounds)}
    found = sorted({(place[span.start_char], place[span.end_char], span.label) for span in first.spans})
    marker = Highlighter(sorted({label for _, _, label in found}), coloured(sys.stdout))
    return marker(doc, [Span(start, end, label, doc=doc) for start, end, label in found])
