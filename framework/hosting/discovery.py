"""Where plugins are found: among the built-ins, in installed packages, and in a file beside the pipeline."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from nerture.errors import PluginError
from nerture.hosting.entry_points import offered_plugins
from nerture.registry.guard import PluginInfo

LOCAL_FILE = "nerture_plugins.py"


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that is there, not yet imported."""

    info: PluginInfo
    names: frozenset[str]
    """Every name by which it may be blocked."""
    load: Callable[[], object]
    """Import it; raises ``PluginError`` naming it."""


def builtin_plugins(modules: Sequence[str]) -> Iterator[Found]:
    """Yield the plugins that come with nerture, by the dotted names of their modules."""
    from nerture import __version__

    for module in modules:
        info = PluginInfo(module, __version__, "built-in")
        yield Found(info, frozenset({module}), lambda info=info: _import(info, info.name))  # type: ignore[misc]


def installed_plugins() -> Iterator[Found]:
    """Yield the plugins that installed packages offer in the entry-point group ``nerture``."""
    for point in offered_plugins():
        package = point.dist.name if point.dist else point.value
        info = PluginInfo(point.name, point.dist.version if point.dist else "", f"package {package}")

        def load(info: PluginInfo = info, value: str = point.value) -> object:
            module, _, attribute = value.partition(":")
            plugin: object = _import(info, module)
            for name in filter(None, attribute.split(".")):
                try:
                    plugin = getattr(plugin, name)
                except AttributeError as error:
                    raise _unusable(info, error) from error
            return plugin

        yield Found(info, frozenset({point.name, package}), load)


def local_plugin(place: Path | None) -> Iterator[Found]:
    """Yield the user's own plugin: ``place`` is its file, or a folder that may hold ``nerture_plugins.py``.

    Raises ``PluginError`` when ``place`` is neither a folder nor a file.
    """
    if place is None:
        return
    path = place / LOCAL_FILE if place.is_dir() else place
    if not path.is_file():
        if path == place:
            raise PluginError(f"{place}: no such plugin file")
        return
    info = PluginInfo(path.stem, "", str(path))
    yield Found(info, frozenset({path.stem}), lambda: _run(info, path))


def _import(info: PluginInfo, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise _unusable(info, error) from error


def _run(info: PluginInfo, path: Path) -> ModuleType:
    """Run a plugin's file as a module.

    The module's name holds a digest of its path: two pipelines may each have their own file, and pydantic
    looks annotations up by the module's name. Nothing is written beside the file.
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
        raise _unusable(info, error) from error
    return module


def _unusable(info: PluginInfo, error: Exception) -> PluginError:
    """Say which plugin cannot be loaded, why, and how to go on without it."""
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
        f"repair it, or go on without it: NERTURE_BLOCK={info.name}"
    )
