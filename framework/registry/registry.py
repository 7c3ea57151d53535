"""``Registry``: the named parts that plugins registered, by kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, overload

from nerture.errors import ConfigError, PluginError
from nerture.interfaces import (
    Factory,
    Loss,
    Matcher,
    Options,
    Reader,
    Services,
    Sorter,
    Source,
    Tokenizer,
    Writer,
)
from nerture.registry.guard import CallSite, PluginInfo
from nerture.registry.guarded_parts import GUARDS
from nerture.registry.names import describe_unknown
from nerture.registry.validation import KeyPath, format_key_path, validate

KINDS = tuple(GUARDS)
"""What plugins can register: tokenizer, reader, matcher, source, loss, sorter, writer."""

HOST_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tokenizer": ("use",),
        "reader": ("use",),
        "matcher": ("use", "as"),
        "source": ("use", "loss", "weight"),
        "loss": ("use",),
        "sorter": ("use",),
        "writer": ("use",),
    }
)
"""The keys of a part in the pipeline file that belong to the host; the others are the plugin's options."""

AnyOptions: TypeAlias = "Mapping[str, object] | Options"
"""Options as written in a pipeline, or already checked."""

NAME = re.compile(r"[a-z][a-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered part: its factory, the model of its options, and its plugin."""

    kind: str
    name: str
    factory: Factory
    config: type[Options]
    plugin: PluginInfo

    def site(self, where: str = "") -> CallSite:
        """Return the name of a call into this part, for messages."""
        return CallSite(self.plugin, f'{self.kind} "{self.name}"', where)


class Registry:
    """Owns the names of all parts: one part per kind and name."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}

    def add(self, kind: str, name: str, factory: Factory, config: type[Options], plugin: PluginInfo) -> None:
        """Register a part.

        Raises ``PluginError`` if the name is taken (both plugins are named) or malformed, ``factory`` is not
        callable, or ``config`` is not a subclass of ``Options`` or has a field that is a key of the host.
        """
        site = CallSite(plugin, f"register {kind} {name!r}")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise site.failure(
                f"expected a name of lower-case letters, digits, _, - and ., a letter first, got {name!r}"
            )
        if not callable(factory):
            raise site.failure(f"factory: expected a callable, got {type(factory).__name__}")
        if not isinstance(config, type) or not issubclass(config, Options):
            raise site.failure(f"config: expected a subclass of nerture.interfaces.Options, got {config!r}")
        fields = {field.alias or key for key, field in config.model_fields.items()}
        if taken := sorted(fields.intersection(HOST_KEYS[kind])):
            raise site.failure(
                f"{config.__name__}.{taken[0]}: this key belongs to the host; choose another name"
            )
        if (other := self._entries[kind].get(name)) is not None:
            raise PluginError(
                f'two plugins register the {kind} "{name}": {other.plugin} and {plugin}; block one of them '
                f"(NERTURE_BLOCK={plugin.name}) or rename the part"
            )
        self._entries[kind][name] = Entry(kind, name, factory, config, plugin)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the registered names of a kind, sorted."""
        return tuple(sorted(self._entries[kind]))

    def entries(self) -> tuple[Entry, ...]:
        """Return all registered parts, by kind and name."""
        return tuple(self._entries[kind][name] for kind in KINDS for name in self.names(kind))

    def entry(self, kind: str, name: str) -> Entry:
        """Return the part of that name; raises ``ConfigError`` with all names and the nearest one."""
        entry = self._entries[kind].get(name)
        if entry is not None:
            return entry
        raise ConfigError(describe_unknown(f'{kind} "{name}"', self.names(kind), name))

    def options(
        self, kind: str, name: str, raw: Mapping[str, object], where: str = "", path: KeyPath = ()
    ) -> Options:
        """Check the options of a part; raises ``ConfigError`` with everything wrong with them."""
        prefix = f"{where}: " if where else ""
        try:
            entry = self.entry(kind, name)
        except ConfigError as error:
            raise ConfigError(f"{prefix}{error}") from None
        options, issues = validate(entry.config, raw, path)
        if options is None:
            raise ConfigError(
                "\n".join(
                    ": ".join(
                        filter(None, [where, f'{kind} "{name}"', format_key_path(issue.path), issue.message])
                    )
                    for issue in issues
                )
            )
        return options

    @overload
    def create(
        self, kind: Literal["tokenizer"], name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> Tokenizer: ...
    @overload
    def create(
        self, kind: Literal["reader"], name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> Reader: ...
    @overload
    def create(
        self, kind: Literal["matcher"], name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> Matcher: ...
    @overload
    def create(
        self, kind: Literal["source"], name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> Source: ...
    @overload
    def create(
        self, kind: Literal["loss"], name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> Loss: ...
    @overload
    def create(
        self, kind: Literal["sorter"], name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> Sorter: ...
    @overload
    def create(
        self, kind: Literal["writer"], name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> Writer: ...
    @overload
    def create(
        self, kind: str, name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> object: ...
    def create(
        self, kind: str, name: str, options: AnyOptions, services: Services, where: str = ""
    ) -> object:
        """Make a part, wrapped in its guard (``nerture.registry.guarded_parts``).

        Every message about it begins with ``where`` (file, line and key path). Raises ``ConfigError`` for
        unknown names and wrong options, before the plugin is called, and ``PluginError`` if the plugin fails.
        """
        checked = options if isinstance(options, Options) else self.options(kind, name, options, where)
        entry = self.entry(kind, name)
        site = entry.site(where)
        try:
            part = GUARDS[kind](entry.factory(checked, services), site)
        except Exception as error:
            site.reraise(error)
        return part
