"""Write docs/commands.md from the help texts: ``python -m nerture.cli.generate_docs > docs/commands.md``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from nerture.cli.command_group import COMMANDS, cli

WIDTH = 100
HEAD = """# Commands

This page is made from the help texts: `python -m nerture.cli.generate_docs > docs/commands.md`.
"""


def reference() -> str:
    """Return the page as Markdown."""
    root = _context(cli, "nerture")
    parts = [HEAD, "## nerture", _block(root)]
    for name in COMMANDS:
        command = cli.get_command(root, name)
        assert command is not None
        parts += _pages(command, name, root)
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _pages(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """Yield the heading and the help of a command, and then those of the commands in it."""
    context = _context(command, name, parent)
    yield from (f"## {context.command_path}", _block(context))
    for inner in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _pages(inner[1], inner[0], context)


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    settings = {**command.context_settings, "max_content_width": WIDTH, "terminal_width": WIDTH}
    return click.Context(command, parent, info_name=name, color=False, **settings)


def _block(context: click.Context) -> str:
    return f"```text\n{context.get_help()}\n```"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
