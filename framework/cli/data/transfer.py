"""``nerture data import`` and ``export``: reads datasets from files and writes them, keeping all fields."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import click

from nerture.cli.common import options
from nerture.cli.common.outfile import STDOUT, open_output
from nerture.cli.common.output import print_json, say
from nerture.cli.data.views import annotator_option, verdict_option
from nerture.terminal.text_format import plural

if TYPE_CHECKING:
    from nerture.interfaces import Record
    from nerture.store.records import Row

TICK = 0.25  # seconds

T = TypeVar("T")


@click.command("import", short_help="Import files of answers into a dataset.")
@click.argument("dataset", metavar="DATASET")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@options.input_format
@options.skip_bad
@options.plugins
@options.store
@options.as_json
def import_(
    dataset: str,
    files: tuple[str, ...],
    format_name: str | None,
    skip_bad: bool,
    local: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Import the rows of each FILE into DATASET, which is created if it does not exist.

    FILE is JSON lines as Prodigy exports them, gzipped or not, or another format that nerture reads; - is
    standard input. All fields of a row are kept. If there are bad rows, they are listed with file and line,
    and nothing is imported. Rows imported earlier are not saved again; rows repeated within a file are.

    With --json: {"dataset", "saved", "known", "skipped"}.

    \b
    Examples:
      nerture data import clicks annotated.jsonl
      prodigy db-out clicks | nerture data import clicks -
      nerture data import gold train-1.jsonl.gz train-2.jsonl.gz --skip-bad
    """
    from nerture.files.corpus import collect, read_records
    from nerture.hosting.services import HostServices
    from nerture.store.rows import import_rows
    from nerture.store.store import Store

    registry = options.load_plugins(local).registry
    services = HostServices.bare(registry)
    rows: list[list[Row]] = []
    skipped = 0
    for file in files:
        read = collect(read_records(file, registry, services, format_name), file, skip_bad)
        rows.append(list(map(_make_row, read.items)))
        skipped += len({problem.origin for problem in read.problems})
    with Store.open(store) as into:
        into.add_dataset(dataset)
        added = into.add(dataset, _show_progress(chain.from_iterable(map(import_rows, rows))))
        place = into.place
    if skipped:
        say(f"Skipped {plural(skipped, 'bad row')}")
    if as_json:
        print_json({"dataset": dataset, "saved": added.saved, "known": added.known, "skipped": skipped})
        return
    known = f"; {added.known:,} already there" if added.known else ""
    say(f"Saved {plural(added.saved, 'answer')} in {dataset} ({place}){known}")


@click.command("export", short_help="Export a dataset as JSON lines in Prodigy's format.")
@click.argument("dataset", metavar="DATASET")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    help="The output file, gzipped if it ends in .gz [default: standard output].",
)
@verdict_option
@annotator_option
@options.store
@options.as_json
def export(
    dataset: str,
    output: str | None,
    verdict: str | None,
    annotator: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Export the answers of DATASET as JSON lines in Prodigy's format, in the order in which they were saved.

    Imported rows keep all their fields. Answers from sessions have text, tokens, spans, answer, _input_hash,
    _task_hash, _timestamp, _session_id and so on, and under _nerture the fields that Prodigy does not have.
    An existing OUT is replaced when everything is written.

    With --json and -o: {"dataset", "answers", "output"}.

    \b
    Examples:
      nerture data export clicks -o clicks.jsonl
      nerture data export clicks --answer accept | head
      nerture data export clicks | prodigy db-in clicks -
    """
    from nerture.store.columns import as_json as json_of
    from nerture.store.reading import AnswerFilter
    from nerture.store.store import Store

    count = 0
    with Store.open(store, create=False) as source:
        source.require(dataset)  # before anything is written
        with open_output(output or STDOUT) as stream:
            for answer in _show_progress(source.answers(dataset, AnswerFilter(verdict, annotator))):
                stream.write(json_of(answer.row) + "\n")
                count += 1
    if output in (None, STDOUT):
        return
    if as_json:
        print_json({"dataset": dataset, "answers": count, "output": output})
    else:
        say(f"{plural(count, 'answer')}: {output}")


def _make_row(record: Record) -> Row:
    """Return the row as it was read; a record of another format is converted to such a row."""
    if "text" in record.fields:
        return record.fields
    row: dict[str, object] = {"text": record.text}
    if record.offsets is not None:
        row["tokens"] = [
            {
                "text": record.text[start:end],
                "start": start,
                "end": end,
                "id": number,
                "ws": record.text[end : end + 1] == " ",
            }
            for number, (start, end) in enumerate(record.offsets.tolist())
        ]
    if record.spans is not None:
        row["spans"] = [
            {"start": span.start_char, "end": span.end_char, "label": span.label} for span in record.spans
        ]
    return {**row, **record.fields}


def _show_progress(items: Iterable[T]) -> Iterator[T]:
    """Yield ``items``; show their count so far in a terminal."""
    live = sys.stderr.isatty()
    last = perf_counter()
    for count, item in enumerate(items, 1):
        yield item
        if live and (now := perf_counter()) - last > TICK:
            last = now
            sys.stderr.write(f"\r\x1b[K{plural(count, 'row')}")
            sys.stderr.flush()
    if live:
        sys.stderr.write("\r\x1b[K")
