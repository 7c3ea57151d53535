"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager

Command: TypeAlias = Callable[..., None]

as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else."
)
plugins = click.option(
    "--plugins",
    "local",
    metavar="PATH",
    help="Load this plugin file, or this folder's nerture_plugins.py [default: the working folder's].",
)
block = click.option(
    "--block",
    "blocked",
    multiple=True,
    metavar="PLUGIN",
    help="Do not load this plugin. Repeatable.",
)
store = click.option(
    "--store",
    metavar="PATH|URL",
    help="The store of datasets: a SQLite file, or postgresql+psycopg://USER@HOST/DATABASE "
    "[default: $NERTURE_STORE, else nerture/nerture.sqlite in your data folder].",
)
input_format = click.option(
    "--format",
    "format_name",
    metavar="NAME",
    help="The input format: jsonl, conll, tuples, text or a plugin's [default: by file ending or content].",
)
skip_bad = click.option("--skip-bad", is_flag=True, help="Skip rows that cannot be used, and count them.")


def group(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return a decorator that adds the options to a command, in the order in which its help lists them."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def load_plugins(local: str | None) -> PluginManager:
    """Load the plugins; ``local`` is the value of ``--plugins``."""
    from nerture.hosting.manager import make_manager

    return make_manager(Path(local) if local else Path.cwd())


def parse_pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """Return the values of ``KEY=VALUE`` texts by key; raises ``click.UsageError``."""
    pairs = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise click.UsageError(f"{option}: expected KEY=VALUE, got {text!r}")
        pairs[key] = value
    return pairs
