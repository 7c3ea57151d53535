"""Where plugins are found: built in, in installed packages, and in a file next to the pipeline."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from nerture.errors import PluginError
from nerture.hosting.entry_points import find_entry_points
from nerture.registry.guard import PluginInfo

LOCAL_FILE = "nerture_plugins.py"


@dataclass(frozen=True, slots=True)
class AvailablePlugin:
    """A plugin that was found, but is not imported yet."""

    info: PluginInfo
    names: frozenset[str]
    """All names by which it can be blocked."""
    load: Callable[[], object]
    """Import it; raises ``PluginError`` naming it."""


def find_builtin_plugins(modules: Sequence[str]) -> Iterator[AvailablePlugin]:
    """Yield the plugins that come with nerture; ``modules`` are their dotted names."""
    from nerture import __version__

    for module in modules:
        info = PluginInfo(module, __version__, "built-in")
        yield AvailablePlugin(info, frozenset({module}), lambda info=info: _import(info, info.name))  # type: ignore[misc]


def find_installed_plugins() -> Iterator[AvailablePlugin]:
    """Yield the plugins of installed packages: the entry points of the group ``nerture``."""
    for point in find_entry_points():
        package = point.dist.name if point.dist else point.value
        info = PluginInfo(point.name, point.dist.version if point.dist else "", f"package {package}")

        def load(info: PluginInfo = info, value: str = point.value) -> object:
            module, _, attribute = value.partition(":")
            plugin: object = _import(info, module)
            for name in filter(None, attribute.split(".")):
                try:
                    plugin = getattr(plugin, name)
                except AttributeError as error:
                    raise _load_error(info, error) from error
            return plugin

        yield AvailablePlugin(info, frozenset({point.name, package}), load)


def find_local_plugin(place: Path | None) -> Iterator[AvailablePlugin]:
    """Yield the user's own plugin: ``place`` is its file, or a folder that may hold ``nerture_plugins.py``.

    Raises ``PluginError`` if ``place`` is neither a folder nor a file.
    """
    if place is None:
        return
    path = place / LOCAL_FILE if place.is_dir() else place
    if not path.is_file():
        if path == place:
            raise PluginError(f"{place}: no such plugin file")
        return
    info = PluginInfo(path.stem, "", str(path))
    yield AvailablePlugin(info, frozenset({path.stem}), lambda: _run(info, path))


def _import(info: PluginInfo, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise _load_error(info, error) from error


def _run(info: PluginInfo, path: Path) -> ModuleType:
    """Run a plugin's file as a module.

    The module's name contains a digest of its path, since two pipelines may have a file of the same name, and
    pydantic looks up annotations by the module's name. No bytecode is written.
    """
    from hashlib import sha256

    name = f"{path.stem}_{sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        raise _load_error(info, error) from error
    return module


def _load_error(info: PluginInfo, error: Exception) -> PluginError:
    """Make the error for a plugin that cannot be loaded: the reason, and how to continue without it."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == info.origin:
            place = f" ({info.origin}:{trace.tb_lineno})"
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        place = f" ({error.filename}:{error.lineno})"
    reason = error.msg if isinstance(error, SyntaxError) else error
    return PluginError(
        f"plugin {info}, {info.origin}, cannot be loaded: {type(error).__name__}: {reason}{place}; "
        f"repair it, or continue without it: NERTURE_BLOCK={info.name}"
    )
