"""``nerture data``: the group of the commands about datasets."""

from __future__ import annotations

import click

from nerture.cli.data.changes import drop, merge
from nerture.cli.data.transfer import export, import_
from nerture.cli.data.views import list_, show, stats


@click.group(
    "data",
    short_help="Look at datasets of answers, bring them in and out.",
    commands=[list_, show, stats, import_, export, merge, drop],
)
def command() -> None:
    """Look at the datasets of the store, bring them in and out, and put them together.

    A dataset is a named list of answers: what was said about texts, by whom, when. Teaching sessions write to
    one, a pipeline trains from one (`{use: answers, dataset: NAME}`). Answers are never changed: what was
    taken back stays in the store, but is not shown, counted or exported.

    Datasets are in a SQLite file, or in a PostgreSQL database for several machines.

    \b
    Examples:
      nerture data import clicks annotated.jsonl
      nerture data list
      nerture data export clicks -o clicks.jsonl
    """
