"""Write docs/commands.md from the help texts: ``python -m nerture.cli.generate_docs > docs/commands.md``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from nerture.cli.command_group import COMMANDS, cli

WIDTH = 100
HEAD = """# Commands

This page is generated from the help texts: `python -m nerture.cli.generate_docs > docs/commands.md`.
"""


def make_reference() -> str:
    """Return the page as Markdown."""
    root = _make_context(cli, "nerture")
    parts = [HEAD, "## nerture", _format_block(root)]
    for name in COMMANDS:
        command = cli.get_command(root, name)
        assert command is not None
        parts += _make_pages(command, name, root)
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _make_pages(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """Yield the heading and the help of a command, then those of its subcommands."""
    context = _make_context(command, name, parent)
    yield from (f"## {context.command_path}", _format_block(context))
    for inner in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _make_pages(inner[1], inner[0], context)


def _make_context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    settings = {**command.context_settings, "max_content_width": WIDTH, "terminal_width": WIDTH}
    return click.Context(command, parent, info_name=name, color=False, **settings)


def _format_block(context: click.Context) -> str:
    return f"```text\n{context.get_help()}\n```"


if __name__ == "__main__":
    click.echo(make_reference(), nl=False)
