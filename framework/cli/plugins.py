"""``nerture plugins``: what is loaded, from where, with which hooks."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from nerture.cli.common import options
from nerture.cli.common.output import coloured, print_json, print_text
from nerture.terminal.text_format import harmless


@click.command("plugins", short_help="List the plugins that are loaded.")
@options.plugins
@options.as_json
def command(local: str | None, as_json: bool) -> None:
    """List the plugins: name, version, origin, the hooks that each implements, and the parts that it brings.

    Built-in plugins come first, then those of installed packages, then nerture_plugins.py of the working
    folder. NERTURE_BLOCK=NAME,... leaves plugins out.

    \b
    Examples:
      nerture plugins
      nerture plugins --plugins drugs/nerture_plugins.py
      nerture plugins --json | jq -r '.plugins[].parts[]'
    """
    loaded = options.manager_for(local).loaded
    if as_json:
        print_json({"plugins": [asdict(plugin) for plugin in loaded]})
        return
    for plugin in loaded:
        colour = coloured(sys.stdout)
        name = click.style(harmless(plugin.name), bold=True) if colour else harmless(plugin.name)
        print_text(f"{name} {harmless(plugin.version)}".rstrip() + f"  ({harmless(plugin.origin)})")
        print_text(f"    {harmless(', '.join(plugin.parts)) or 'no parts'}")
        print_text(f"    {harmless(', '.join(plugin.hooks)) or 'no hooks'}")
