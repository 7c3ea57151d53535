"""``nerture data merge`` and ``drop``."""

from __future__ import annotations

import sys

import click

from nerture.cli.common import options
from nerture.cli.common.output import print_json, say
from nerture.terminal.text_format import plural


@click.command("merge", short_help="Merge datasets.")
@click.argument("datasets", metavar="DATASET...", nargs=-1, required=True)
@click.option("--into", required=True, metavar="NAME", help="The dataset to copy to.")
@options.store
@options.as_json
def merge(datasets: tuple[str, ...], into: str, store: str | None, as_json: bool) -> None:
    """Copy the answers of each DATASET to the dataset NAME, ordered by time.

    The datasets do not change. All answers are copied, even if some are equal or contradict each other:
    training resolves that. If you merge again, only new answers are copied.

    With --json: {"into", "saved", "known"}.

    \b
    Examples:
      nerture data merge clicks-ann clicks-bob --into clicks
    """
    from nerture.store.store import Store

    with Store.open(store, create=False) as opened:
        added = opened.merge(list(dict.fromkeys(datasets)), into)
    if as_json:
        print_json({"into": into, "saved": added.saved, "known": added.known})
        return
    known = f"; {added.known:,} already there" if added.known else ""
    say(f"Copied {plural(added.saved, 'answer')} to {into}{known}")


@click.command("drop", short_help="Delete a dataset.")
@click.argument("dataset", metavar="DATASET")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@options.store
@options.as_json
def drop(dataset: str, yes: bool, store: str | None, as_json: bool) -> None:
    """Delete DATASET with all its answers and the logs of its sessions, after confirmation.

    This cannot be undone: export the dataset first if you are not sure.

    With --json: {"dropped", "answers"}.

    \b
    Examples:
      nerture data drop clicks
      nerture data drop clicks --yes
    """
    from nerture.store.store import Store

    with Store.open(store, create=False) as opened:
        counted = opened.statistics(dataset)
        if not yes and not _confirm(dataset, counted.answers, opened.place):
            say("Nothing was dropped.")
            raise click.exceptions.Exit(1)
        opened.drop(dataset)
    if as_json:
        print_json({"dropped": dataset, "answers": counted.answers})
    else:
        say(f"Dropped {dataset} with {plural(counted.answers, 'answer')}")


def _confirm(dataset: str, answers: int, place: str) -> bool:
    """Ask for confirmation; raises ``click.UsageError`` if standard input is no terminal."""
    if not sys.stdin.isatty():
        raise click.UsageError("drop asks for confirmation, but standard input is no terminal; use --yes")
    return click.confirm(
        f"Delete the dataset {dataset} with {plural(answers, 'answer')} from {place}?", err=True
    )
