"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager

as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, to standard output."
)
plugins = click.option(
    "--plugins",
    "local",
    metavar="PATH",
    help="Load this plugin file, or the nerture_plugins.py of this folder [default: the working folder].",
)
block = click.option(
    "--block",
    "blocked",
    multiple=True,
    metavar="PLUGIN",
    help="Leave this plugin out. May be given several times.",
)
store = click.option(
    "--store",
    metavar="PATH|URL",
    help="The store of datasets: a SQLite file, or postgresql+psycopg://USER@HOST/DATABASE "
    "[default: $NERTURE_STORE, else nerture/nerture.sqlite in the user's data folder].",
)
input_format = click.option(
    "--format",
    "format_name",
    metavar="NAME",
    help="The input's format: jsonl, conll, tuples, text or a plugin's [default: by its ending or content].",
)


def manager_for(local: str | None) -> PluginManager:
    """Load the plugins; ``local`` is the option ``--plugins``."""
    from nerture.hosting.manager import make_manager

    return make_manager(Path(local) if local else Path.cwd())


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """Take ``KEY=VALUE`` texts apart; raises ``click.UsageError``."""
    found = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise click.UsageError(f"{option}: expected KEY=VALUE, got {text!r}")
        found[key] = value
    return found
