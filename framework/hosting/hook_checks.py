"""Checks a plugin's hooks for mistakes that pluggy ignores, or reports without naming the plugin."""

from __future__ import annotations

import inspect
from typing import Any

import pluggy

from nerture import hookspecs
from nerture.errors import PluginError
from nerture.registry.guard import PluginInfo
from nerture.registry.names import describe_unknown


def check_hooks(manager: pluggy.PluginManager, plugin: object, info: PluginInfo) -> None:
    """Raise ``PluginError`` if a plugin's hooks would not be called as its author means.

    That is a misspelt hook or argument, a function with a hook's name but without ``@hookimpl``, and a
    wrapper (hooks are called plugin by plugin, so there is nothing to wrap).
    """
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        function = getattr(plugin, attribute, None)
        if options is None:
            if attribute.startswith("nerture_") and _is_own(plugin, function):
                raise _hook_error(info, attribute, "it lacks @nerture.hookimpl, so it would never be called")
            continue
        hook = options["specname"] or attribute
        if hook not in hookspecs.list_hook_names():
            raise _hook_error(info, attribute, describe_unknown("hook", hookspecs.list_hook_names(), hook))
        if options["wrapper"] or options["hookwrapper"]:
            raise _hook_error(info, attribute, "wrappers are not supported")
        allowed = tuple(inspect.signature(getattr(hookspecs, hook)).parameters)
        for argument in inspect.signature(function).parameters if callable(function) else ():
            if argument not in allowed:
                raise _hook_error(
                    info, attribute, describe_unknown(f'argument "{argument}"', allowed, argument)
                )


def _is_own(plugin: object, function: Any) -> bool:
    """Return True if a function is defined in the plugin, not imported into it."""
    home = getattr(plugin, "__name__", type(plugin).__module__)
    return inspect.isroutine(function) and getattr(function, "__module__", None) == home


def _hook_error(info: PluginInfo, attribute: str, message: str) -> PluginError:
    return PluginError(f"plugin {info}, {info.origin}: {attribute}: {message}")
