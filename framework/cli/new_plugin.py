"""``nerture new-plugin``: a plugin package to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from nerture.cli.common.output import say


@click.command("new-plugin", short_help="Write the package of a new plugin.")
@click.argument("name", metavar="NAME")
@click.argument("folder", metavar="[DIR]", default=".")
def command(name: str, folder: str) -> None:
    """Write the package of a new plugin, DIR/NAME, which can be installed and passes its own tests.

    \b
    Examples:
      nerture new-plugin dose-finder
      nerture new-plugin dose-finder ~/plugins
    """
    from nerture.hosting.new_plugin import new_plugin

    place = new_plugin(name, Path(folder))
    say(f"Written: {place}")
    say(f"Next:    pip install -e {place}  and  nerture plugins")
