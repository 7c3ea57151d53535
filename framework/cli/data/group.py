"""``nerture data``: the group of commands about datasets."""

from __future__ import annotations

import click

from nerture.cli.data.changes import drop, merge
from nerture.cli.data.transfer import export, import_
from nerture.cli.data.views import list_, show, stats


@click.group(
    "data",
    short_help="List, show, import, export and merge datasets of answers.",
    commands=[list_, show, stats, import_, export, merge, drop],
)
def command() -> None:
    """List, show, import, export and merge the datasets of the store.

    A dataset is a named list of answers about texts, with annotator and time. Teaching sessions add answers
    to one, and a pipeline trains on one (`{use: answers, dataset: NAME}`). Answers are never changed: those
    that were undone stay in the store, but are not shown, counted or exported.

    The store is a SQLite file, or a PostgreSQL database for several machines.

    \b
    Examples:
      nerture data import clicks annotated.jsonl
      nerture data list
      nerture data export clicks -o clicks.jsonl
    """
