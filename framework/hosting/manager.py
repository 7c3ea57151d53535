"""``make_manager`` finds, checks and registers plugins; ``PluginManager`` is the typed way to their hooks.

No other module calls a hook. The environment variable ``NERTURE_BLOCK`` names plugins to skip
(comma-separated); ``NERTURE_TRACE_PLUGINS=1`` prints every hook call to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, TextIO

import pluggy

from nerture import hookspecs
from nerture.errors import PluginError
from nerture.hosting.discovery import find_builtin_plugins, find_installed_plugins, find_local_plugin
from nerture.hosting.hook_checks import check_hooks
from nerture.interfaces import AnswerEvent, Commands, Evaluation, Factory, Options, Register
from nerture.registry import Registry
from nerture.registry.guard import CallSite, PluginInfo

BUILTIN: tuple[str, ...] = (
    "nerture.plugins.tokenizers",
    "nerture.plugins.jsonl",
    "nerture.plugins.conll",
    "nerture.plugins.tuples",
    "nerture.plugins.plain_text",
    "nerture.plugins.patterns",
    "nerture.plugins.gold",
    "nerture.plugins.answers",
    "nerture.plugins.teacher",
    "nerture.plugins.ensemble",
    "nerture.plugins.rehearsal",
    "nerture.plugins.weak",
    "nerture.plugins.lattice_loss",
    "nerture.plugins.losses",
    "nerture.plugins.distillation",
    "nerture.plugins.entity_ratio",
    "nerture.plugins.sorters",
)
"""The plugins that come with nerture, in the order in which they register."""

REGISTER_HOOKS: Mapping[str, str] = MappingProxyType(
    {
        "tokenizer": "nerture_register_tokenizers",
        "reader": "nerture_register_readers",
        "matcher": "nerture_register_matchers",
        "source": "nerture_register_sources",
        "loss": "nerture_register_losses",
        "sorter": "nerture_register_sorters",
        "writer": "nerture_register_writers",
    }
)
"""The hook that registers each kind of part."""


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin, as ``nerture plugins`` lists it."""

    name: str
    version: str
    origin: str
    """``built-in``, ``package NAME``, or the path of a file."""
    hooks: tuple[str, ...]
    parts: tuple[str, ...]
    """The parts that it registered, such as ``matcher patterns``."""


def make_manager(
    local: Path | None = None,
    blocked: Collection[str] = (),
    *,
    builtin: Sequence[str] = BUILTIN,
    environ: Mapping[str, str] | None = None,
    trace: TextIO | None = None,
) -> PluginManager:
    """Load every plugin and let it register its parts.

    ``local`` is a plugin file, or the folder of a pipeline, which may hold ``nerture_plugins.py``.
    ``blocked`` plugins (by name or package) are not even imported. ``environ`` is the process's own by
    default; ``trace`` receives a line for each hook call (by default standard error, if
    ``NERTURE_TRACE_PLUGINS`` is set).

    Raises ``PluginError`` that names the plugin if it cannot be imported, misspells a hook or an argument,
    fails in a hook, or registers a name that is taken.
    """
    environ = os.environ if environ is None else environ
    skipped = {*blocked, *(name.strip() for name in environ.get("NERTURE_BLOCK", "").split(","))}
    if trace is None and environ.get("NERTURE_TRACE_PLUGINS", "0") not in {"", "0"}:
        trace = sys.stderr
    manager = PluginManager(trace)
    for plugin in chain(find_builtin_plugins(builtin), find_installed_plugins(), find_local_plugin(local)):
        if not plugin.names & skipped:
            manager.add(plugin.load(), plugin.info)
    return manager


class PluginManager:
    """The loaded plugins, their parts (``registry``), and one method for each hook that is called later."""

    def __init__(self, trace: TextIO | None = None) -> None:
        self.registry = Registry()
        self._trace = trace
        self._plugins: dict[str, tuple[object, PluginInfo]] = {}
        self._pluggy = _Hooks("nerture")
        self._pluggy.add_hookspecs(hookspecs)

    def add(self, plugin: object, info: PluginInfo) -> None:
        """Check a plugin, add it, and call its ``register`` hooks."""
        if info.name in self._plugins:
            other = self._plugins[info.name][1]
            raise PluginError(f'two plugins are called "{info.name}": {other.origin} and {info.origin}')
        check_hooks(self._pluggy, plugin, info)
        try:
            self._pluggy.register(plugin, info.name)
            self._pluggy.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {info}, {info.origin}: {error}") from error
        self._plugins[info.name] = plugin, info
        for kind, hook in REGISTER_HOOKS.items():
            self._call(hook, info.name, register=self._register(kind, info))

    @property
    def loaded(self) -> list[LoadedPlugin]:
        """Every plugin with its hooks and parts, in the order of loading."""
        return [
            LoadedPlugin(
                info.name,
                info.version,
                info.origin,
                tuple(sorted(caller.name for caller in self._pluggy.get_hookcallers(plugin) or ())),
                tuple(
                    f"{entry.kind} {entry.name}" for entry in self.registry.entries() if entry.plugin is info
                ),
            )
            for plugin, info in self._plugins.values()
        ]

    def add_commands(self, cli: Commands) -> None:
        """Let plugins add commands; raises ``PluginError`` if the name of a command is taken."""
        owners: dict[str, str] = dict.fromkeys(getattr(cli, "commands", ()), "nerture itself")
        for name, (_, info) in self._plugins.items():
            self._call("nerture_register_commands", name, cli=_OwnedCommands(cli, info, owners))

    @property
    def has_answer_listeners(self) -> bool:
        """Whether any plugin receives answers."""
        return bool(self._pluggy.hook.nerture_answer_saved.get_hookimpls())

    def report_answer(self, answer: AnswerEvent) -> dict[str, PluginError]:
        """Pass an answer to every plugin; return the errors of those that failed, by plugin.

        If one fails, or tries to end the program, the others still receive the answer.
        """
        failed: dict[str, PluginError] = {}
        for name, (_, info) in self._plugins.items():
            site = CallSite(info, "hook nerture_answer_saved")
            try:
                self._call("nerture_answer_saved", name, answer=answer)
            except SystemExit as error:
                failed[name] = site.failure(f"SystemExit: {error}")
            except Exception as error:  # an error that was raised on purpose does not name its plugin
                named = isinstance(error, PluginError) and str(error).startswith(f"plugin {info}: ")
                failed[name] = PluginError(str(error)) if named else site.failure(str(error))
        return failed

    def report_evaluation(self, evaluation: Evaluation) -> None:
        """Pass an evaluation to every plugin."""
        for name in self._plugins:
            self._call("nerture_evaluated", name, evaluation=evaluation)

    def _register(self, kind: str, info: PluginInfo) -> Register:
        def register(name: str, factory: Factory, config: type[Options] = Options) -> None:
            self.registry.add(kind, name, factory, config, info)

        return register

    def _call(self, hook: str, plugin: str, **arguments: Any) -> None:
        """Call one hook of one plugin, so that a failure names the plugin."""
        others = [other for name, (other, _) in self._plugins.items() if name != plugin]
        caller = self._pluggy.subset_hook_caller(hook, others)
        if not caller.get_hookimpls():
            return
        if self._trace is not None:
            values = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
            print(f"nerture: plugin {self._plugins[plugin][1]}: {hook}({values})", file=self._trace)
        try:
            caller(**arguments)
        except Exception as error:
            CallSite(self._plugins[plugin][1], f"hook {hook}").reraise(error)


class _Hooks(pluggy.PluginManager):
    """pluggy's manager, which recognizes quickly that most names of a module are not hooks."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Return the options of an attribute's ``@hookimpl``; None if it has no such mark."""
        if isinstance(plugin, ModuleType) and not hasattr(vars(plugin).get(name), "nerture_impl"):
            return None
        return super().parse_hookimpl_opts(plugin, name)


class _OwnedCommands:
    """The command line as one plugin sees it; refuses names that are taken."""

    def __init__(self, cli: Commands, info: PluginInfo, owners: dict[str, str]) -> None:
        self._cli, self._info, self._owners = cli, info, owners

    def add_command(self, cmd: Any, name: str | None = None) -> None:
        """Add a ``click.Command``."""
        command = name or cmd.name
        if command in self._owners:
            raise PluginError(
                f'two plugins add the command "{command}": {self._owners[command]} and {self._info}'
            )
        self._owners[command] = str(self._info)
        self._cli.add_command(cmd, name)
