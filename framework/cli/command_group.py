"""The group ``nerture``: which commands there are; a command's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from nerture import __version__
from nerture.cli.common.output import say
from nerture.core.suggest_name import nearest
from nerture.errors import NertureError, PluginError
from nerture.hosting.entry_points import offered_plugins

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "init": "nerture.cli.init",
        "train": "nerture.cli.train",
        "teach": "nerture.cli.session.teach",
        "correct": "nerture.cli.session.correct",
        "manual": "nerture.cli.session.manual",
        "retype": "nerture.cli.session.retype",
        "gold": "nerture.cli.session.gold",
        "review": "nerture.cli.session.review",
        "evaluate": "nerture.cli.evaluate",
        "calibrate": "nerture.cli.calibrate",
        "compress": "nerture.cli.compress",
        "apply": "nerture.cli.tagging.apply",
        "match": "nerture.cli.tagging.match",
        "compile": "nerture.cli.compile",
        "simulate": "nerture.cli.simulate",
        "check": "nerture.cli.checking.check",
        "data": "nerture.cli.data.group",
        "describe": "nerture.cli.describe",
        "plugins": "nerture.cli.plugins",
        "schema": "nerture.cli.schema",
        "new-plugin": "nerture.cli.new_plugin",
    }
)
"""nerture's own commands in the order in which help lists them, and the module of each."""


class CommandGroup(click.Group):
    """Knows its own commands by name; plugins are loaded for any other name, and to be listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return nerture's commands, then those of plugins, unless one cannot be loaded."""
        try:
            return [*COMMANDS, *sorted(_plugin_commands())]
        except NertureError as error:
            say(f"nerture: {error}")
            return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of that name."""
        if name in COMMANDS:
            command = import_module(COMMANDS[name]).command
            assert isinstance(command, click.Command)
            return command
        return _plugin_commands().get(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown name is a ``click.UsageError`` with the nearest valid one."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = nearest(args[0], self.list_commands(ctx))
            raise click.UsageError(
                f"no command {args[0]!r}" + (f"; did you mean {near}?" if near else ""), ctx
            )
        return super().resolve_command(ctx, args)


class _Taken:
    """Takes the commands of plugins (``nerture.interfaces.Commands``)."""

    def __init__(self) -> None:
        self.commands: dict[str, Any] = dict.fromkeys(COMMANDS)

    def add_command(self, cmd: Any, name: str | None = None) -> None:
        if not isinstance(cmd, click.Command):
            raise PluginError(f"expected a click.Command, got {type(cmd).__name__} as a command")
        self.commands[name or str(cmd.name)] = cmd


def _plugin_commands() -> dict[str, click.Command]:
    """Return the commands that plugins add; without foreign plugins, nothing is loaded."""
    if not Path("nerture_plugins.py").is_file() and not offered_plugins():
        return {}
    from nerture.hosting.manager import make_manager

    taken = _Taken()
    make_manager(Path.cwd()).add_commands(taken)
    return {name: command for name, command in taken.commands.items() if command is not None}


@click.command(
    cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", prog_name="nerture")
def cli() -> None:
    """Teach a named-entity recognizer from patterns and annotations, and use it.

    \b
    A first model, from nothing:
      nerture init garden                      an example project: texts, patterns, a pipeline
      nerture train garden/pipeline.yaml       a trained model in garden/model
      nerture evaluate garden/model garden/evaluation.jsonl
      nerture apply garden/model garden/sentences.txt

    \b
    Exit codes: 0 all is well; 1 bad input, or errors found; 2 wrong usage; 130 stopped by Ctrl-C.
    Environment: NO_COLOR=1 no colours; NERTURE_BLOCK=NAME,... plugins to leave out;
    NERTURE_TRACE_PLUGINS=1 prints every call of a plugin's hook; NERTURE_DEBUG=1 tracebacks;
    NERTURE_SIMD=NAME kernels of another instruction set than the best.
    """
