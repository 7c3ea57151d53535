"""``nerture new-plugin``: creates the package of a new plugin."""

from __future__ import annotations

from pathlib import Path

import click

from nerture.cli.common.output import say


@click.command("new-plugin", short_help="Create the package of a new plugin.")
@click.argument("name", metavar="NAME")
@click.argument("folder", metavar="[DIR]", default=".")
def command(name: str, folder: str) -> None:
    """Create the package DIR/NAME of a new plugin, which can be installed and passes its own tests.

    \b
    Examples:
      nerture new-plugin dose-finder
      nerture new-plugin dose-finder ~/plugins
    """
    from nerture.hosting.new_plugin import write_plugin

    place = write_plugin(name, Path(folder))
    say(f"Created: {place}")
    say(f"Next:    pip install -e {place}  and  nerture plugins")
