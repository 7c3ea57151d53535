"""``nerture data import`` and ``export``: datasets from files and to files, no field lost."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import click

from nerture.cli.common import options
from nerture.cli.common.outfile import STDOUT, opened
from nerture.cli.common.output import print_json, say
from nerture.cli.data.views import annotator_option, verdict_option
from nerture.terminal.text_format import plural

if TYPE_CHECKING:
    from nerture.interfaces import Record
    from nerture.store.records import Row

TICK = 0.25  # seconds

T = TypeVar("T")


@click.command("import", short_help="Bring a file of answers into a dataset.")
@click.argument("dataset", metavar="DATASET")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@options.input_format
@click.option("--skip-bad", is_flag=True, help="Go on without the rows that cannot be used, and count them.")
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
    """Bring the rows of each FILE into DATASET, which is made if it is not there.

    FILE is JSON lines as Prodigy exports them, gzipped or not, or what else nerture reads; - is standard
    input. Every field of a row is kept. All rows come in, or none: bad ones are listed with file and line.
    Rows that came in before are not saved again; rows that stand twice in a file are saved twice.

    With --json: {"dataset", "saved", "known", "skipped"}.

    \b
    Examples:
      nerture data import clicks annotated.jsonl
      prodigy db-out clicks | nerture data import clicks -
      nerture data import gold train-1.jsonl.gz train-2.jsonl.gz --skip-bad
    """
    from nerture.files.corpus import collect, read_records
    from nerture.hosting.services import HostServices
    from nerture.store.rows import imported
    from nerture.store.store import Store

    registry = options.manager_for(local).registry
    services = HostServices(registry, (), Path.cwd())
    rows: list[list[Row]] = []
    skipped = 0
    for file in files:
        read = collect(read_records(file, registry, services, format_name), file, skip_bad)
        rows.append(list(map(_row, read.items)))
        skipped += len({problem.origin for problem in read.problems})
    with Store.open(store) as into:
        into.add_dataset(dataset)
        added = into.add(dataset, _shown(chain.from_iterable(map(imported, rows))))
        place = into.place
    if skipped:
        say(f"Skipped {plural(skipped, 'bad row')}")
    if as_json:
        print_json({"dataset": dataset, "saved": added.saved, "known": added.known, "skipped": skipped})
        return
    known = f"; {added.known:,} were there already" if added.known else ""
    say(f"Saved {plural(added.saved, 'answer')} in {dataset} ({place}){known}")


@click.command("export", short_help="Write a dataset to a file, as Prodigy's JSON lines.")
@click.argument("dataset", metavar="DATASET")
@click.option("-o", "--output", metavar="OUT", help="The file; .gz compresses it [default: standard output].")
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
    """Write the answers of DATASET as JSON lines in Prodigy's format, in the order in which they came.

    What was imported comes out with every field that it had. What a session asked has text, tokens, spans,
    answer, _input_hash, _task_hash, _timestamp, _session_id and the like, and under _nerture what Prodigy has
    no place for. An existing OUT is replaced once all is written.

    With --json and -o: {"dataset", "answers", "output"}.

    \b
    Examples:
      nerture data export clicks -o clicks.jsonl
      nerture data export clicks --answer accept | head
      nerture data export clicks | prodigy db-in clicks -
    """
    from nerture.store.columns import as_json as json_of
    from nerture.store.reading import Chosen
    from nerture.store.store import Store

    count = 0
    with Store.open(store, create=False) as source:
        source.require(dataset)  # before anything is written
        with opened(output or STDOUT) as stream:
            for answer in _shown(source.answers(dataset, Chosen(verdict, annotator))):
                stream.write(json_of(answer.row) + "\n")
                count += 1
    if output in (None, STDOUT):
        return
    if as_json:
        print_json({"dataset": dataset, "answers": count, "output": output})
    else:
        say(f"{plural(count, 'answer')}: {output}")


def _row(record: Record) -> Row:
    """Return the row as it stood, or what a format without rows of objects says, as such a row."""
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


def _shown(items: Iterable[T]) -> Iterator[T]:
    """Pass ``items`` on, and tell in a terminal how many there were so far."""
    live = sys.stderr.isatty()
    told = perf_counter()
    for count, item in enumerate(items, 1):
        yield item
        if live and (now := perf_counter()) - told > TICK:
            told = now
            sys.stderr.write(f"\r\x1b[K{plural(count, 'row')}")
            sys.stderr.flush()
    if live:
        sys.stderr.write("\r\x1b[K")
