"""``nerture plugins``: lists the loaded plugins, their origins, hooks and parts."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from nerture.cli.common import options
from nerture.cli.common.output import has_colours, print_json, print_text
from nerture.terminal.text_format import harmless


@click.command("plugins", short_help="List the loaded plugins.")
@options.plugins
@options.as_json
def command(local: str | None, as_json: bool) -> None:
    """List the loaded plugins: name, version, origin, the parts they provide, and the hooks they implement.

    Built-in plugins come first, then those of installed packages, then the working folder's
    nerture_plugins.py. NERTURE_BLOCK=NAME,... excludes plugins.

    \b
    Examples:
      nerture plugins
      nerture plugins --plugins drugs/nerture_plugins.py
      nerture plugins --json | jq -r '.plugins[].parts[]'
    """
    loaded = options.load_plugins(local).loaded
    if as_json:
        print_json({"plugins": [asdict(plugin) for plugin in loaded]})
        return
    for plugin in loaded:
        colour = has_colours(sys.stdout)
        name = click.style(harmless(plugin.name), bold=True) if colour else harmless(plugin.name)
        print_text(f"{name} {harmless(plugin.version)}".rstrip() + f"  ({harmless(plugin.origin)})")
        print_text(f"    {harmless(', '.join(plugin.parts)) or 'no parts'}")
        print_text(f"    {harmless(', '.join(plugin.hooks)) or 'no hooks'}")
