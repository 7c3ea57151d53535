"""The group ``nerture`` and its commands; the module of a command is imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from nerture import __version__
from nerture.cli.common.output import say
from nerture.core.suggest_name import suggest_name
from nerture.errors import NertureError, PluginError
from nerture.hosting.entry_points import find_entry_points

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "init": "nerture.cli.init:command",
        "train": "nerture.cli.train:command",
        "teach": "nerture.cli.session.commands:teach",
        "correct": "nerture.cli.session.commands:correct",
        "manual": "nerture.cli.session.commands:manual",
        "retype": "nerture.cli.session.commands:retype",
        "gold": "nerture.cli.session.commands:gold",
        "review": "nerture.cli.session.commands:review",
        "evaluate": "nerture.cli.evaluate:command",
        "calibrate": "nerture.cli.calibrate:command",
        "compress": "nerture.cli.compress:command",
        "apply": "nerture.cli.tagging.apply:command",
        "match": "nerture.cli.tagging.match:command",
        "compile": "nerture.cli.compile:command",
        "simulate": "nerture.cli.simulate:command",
        "check": "nerture.cli.checking.check:command",
        "data": "nerture.cli.data.group:command",
        "describe": "nerture.cli.describe:command",
        "plugins": "nerture.cli.plugins:command",
        "schema": "nerture.cli.schema:command",
        "new-plugin": "nerture.cli.new_plugin:command",
    }
)
"""nerture's own commands in the order in which help lists them, each with its ``module:attribute``."""


class CommandGroup(click.Group):
    """Imports a command of nerture when it is needed; loads plugins for other names and for the list."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of nerture's commands, then those of plugins; a plugin that fails is reported."""
        try:
            return [*COMMANDS, *sorted(_load_plugin_commands())]
        except NertureError as error:
            say(f"nerture: {error}")
            return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of that name, None if there is none."""
        if name in COMMANDS:
            module, _, attribute = COMMANDS[name].partition(":")
            command = getattr(import_module(module), attribute)
            assert isinstance(command, click.Command)
            return command
        return _load_plugin_commands().get(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; raises ``click.UsageError`` for an unknown name, with the nearest valid one."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = suggest_name(args[0], self.list_commands(ctx))
            raise click.UsageError(
                f"no command {args[0]!r}" + (f"; did you mean {near}?" if near else ""), ctx
            )
        return super().resolve_command(ctx, args)


class _PluginCommands:
    """Collects the commands of plugins (``nerture.interfaces.Commands``)."""

    def __init__(self) -> None:
        self.commands: dict[str, Any] = dict.fromkeys(COMMANDS)

    def add_command(self, cmd: Any, name: str | None = None) -> None:
        if not isinstance(cmd, click.Command):
            raise PluginError(f"command: expected a click.Command, got {type(cmd).__name__}")
        self.commands[name or str(cmd.name)] = cmd


def _load_plugin_commands() -> dict[str, click.Command]:
    """Return the commands that plugins add; nothing is loaded if there are no external plugins."""
    if not Path("nerture_plugins.py").is_file() and not find_entry_points():
        return {}
    from nerture.hosting.manager import make_manager

    collected = _PluginCommands()
    make_manager(Path.cwd()).add_commands(collected)
    return {name: command for name, command in collected.commands.items() if command is not None}


@click.command(
    cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", prog_name="nerture")
def cli() -> None:
    """Teach a named-entity recognizer from patterns, annotations and answers, and apply it.

    \b
    Your first model:
      nerture init garden                                     an example project
      nerture train garden/pipeline.yaml                      train garden/model
      nerture evaluate garden/model garden/evaluation.jsonl   score it
      nerture apply garden/model garden/sentences.txt         find entities

    \b
    Exit codes: 0 success; 1 bad input, or errors found; 2 wrong usage; 130 interrupted by Ctrl-C.

    \b
    Environment variables:
      NO_COLOR=1                print no colours
      NERTURE_STORE=PATH|URL    the store of datasets
      NERTURE_BLOCK=NAME,...    do not load these plugins
      NERTURE_TRACE_PLUGINS=1   print every plugin hook call
      NERTURE_DEBUG=1           print tracebacks
      NERTURE_SIMD=NAME         use this instruction set instead of the best one
    """
