"""Finds the mistakes that pluggy lets pass, or reports without a name, before a plugin is registered."""

from __future__ import annotations

import inspect
from typing import Any

import pluggy

from nerture import hookspecs
from nerture.errors import PluginError
from nerture.registry.guard import PluginInfo
from nerture.registry.names import nearest, unknown


def check_hooks(manager: pluggy.PluginManager, plugin: object, info: PluginInfo) -> None:
    """Refuse a plugin whose hooks would not be called as its author means.

    Raises ``PluginError`` for a misspelt hook, a misspelt argument, a function that has a hook's name but
    lacks ``@hookimpl``, and a wrapper (hooks are called plugin by plugin, so there is nothing to wrap).
    """
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        function = getattr(plugin, attribute, None)
        if options is None:
            if attribute.startswith("nerture_") and _is_own(plugin, function):
                raise _mistake(info, attribute, "it lacks @nerture.hookimpl, so it would never be called")
            continue
        hook = options["specname"] or attribute
        if hook not in hookspecs.hook_names():
            raise _mistake(info, attribute, unknown("hook", hookspecs.hook_names(), hook))
        if options["wrapper"] or options["hookwrapper"]:
            raise _mistake(info, attribute, "wrappers are not supported")
        allowed = tuple(inspect.signature(getattr(hookspecs, hook)).parameters)
        for argument in inspect.signature(function).parameters if callable(function) else ():
            if argument not in allowed:
                near = nearest(argument, allowed)
                hint = f'did you mean "{near}"? ' if near else ""
                raise _mistake(
                    info, attribute, f'unknown argument "{argument}"; {hint}allowed: {", ".join(allowed)}'
                )


def _is_own(plugin: object, function: Any) -> bool:
    """Say whether a function is written in the plugin, not imported into it."""
    home = getattr(plugin, "__name__", type(plugin).__module__)
    return inspect.isroutine(function) and getattr(function, "__module__", None) == home


def _mistake(info: PluginInfo, attribute: str, message: str) -> PluginError:
    return PluginError(f"plugin {info}, {info.origin}: {attribute}: {message}")
