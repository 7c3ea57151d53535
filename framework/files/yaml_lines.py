"""Reads YAML into plain data and remembers the line of every key; nerture reads no YAML in any other way.

Scalars follow YAML 1.2: ``NO`` and ``2024-01-01`` are text, ``1e-3`` is a number. Anything that could hide
content, or exhaust the machine, is refused with its line: duplicate keys, merge keys, other tags, deep
nesting, and aliases that expand to more than ``MAX_VALUES`` values or ``MAX_CHARACTERS`` of text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nerture.errors import ConfigError
from nerture.files.environment import expand
from nerture.registry.validation import KeyPath

MAX_BYTES = 1 << 18
MAX_DEPTH = 32
MAX_VALUES = 10_000
MAX_CHARACTERS = MAX_BYTES
TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Tree:
    """The content of a file, and the line of every key path, counted from 1."""

    name: str
    value: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int:
        """Return the line of a key path, or of the nearest one above it; 0 if there is none."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


class _Loader(yaml.SafeLoader):
    """PyYAML's loader with the scalars of YAML 1.2 and bounded nesting."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (the type that PyYAML declares)
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node; PyYAML would recurse as deeply as the file does."""
        if self.depth >= MAX_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, f"more than {MAX_DEPTH} levels of nesting", mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


SCALARS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+0123456789."),
    ),
    ("merge", r"<<", ["<"]),
)
"""What a scalar without quotes may be besides text: tag, pattern, and the characters it begins with."""


def add_scalars(kind: type[yaml.resolver.BaseResolver]) -> None:
    """Let a loader or a dumper know the ``SCALARS``."""
    for tag, pattern, first in SCALARS:
        kind.add_implicit_resolver(TAG + tag, re.compile(rf"(?:{pattern})\Z"), first)


add_scalars(_Loader)


def read_text(path: Path) -> str:
    """Return the file's text (UTF-8, with or without BOM); raises ``ConfigError`` with the reason."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: expected YAML of at most {MAX_BYTES:,} bytes, got more")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: byte 0x{data[error.start]:02x} is not UTF-8") from error


def parse(text: str, name: str, environ: Mapping[str, str] | None) -> Tree:
    """Read YAML; ``${NAME}`` and ``${NAME:-default}`` in values are replaced from ``environ``, unless None.

    Raises ``ConfigError`` with ``name``, the line and the reason.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = "; ".join(filter(None, (error.context, error.problem)))
        if "'\\t'" in reason:
            reason = "a tab cannot indent or begin a value; use spaces"
        raise ConfigError(f"{name}:{mark.line + 1 if mark else 0}: not valid YAML: {reason}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{name}:{line}: character U+{error.character:04X} is not allowed") from error
    except (ValueError, OverflowError) as error:  # "\UFFFFFFFF" in quotes
        raise ConfigError(f"{name}:{loader.line + 1}: not valid YAML: {error}") from error
    builder = _Builder(loader, Tree(name), environ)
    if node is not None:
        builder.tree.value = builder.build(node, ())
    if builder.problems:
        raise ConfigError("\n".join(builder.problems))
    return builder.tree


class _Builder:
    """Converts YAML's nodes to plain data, and records the lines."""

    def __init__(self, loader: _Loader, tree: Tree, environ: Mapping[str, str] | None) -> None:
        self.loader, self.tree, self.environ = loader, tree, environ
        self.problems: list[str] = []
        self.values = self.characters = 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            raise self.error(node, f"more than {MAX_VALUES} values once its aliases are expanded")
        if len(path) > MAX_DEPTH:
            raise self.error(node, f"more than {MAX_DEPTH} levels of nesting once its aliases are expanded")
        self.tree.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode) and node.tag == f"{TAG}map":
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{TAG}seq":
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        raise self.error(node, f"the tag {node.tag.replace(TAG, '!!')} is not supported")

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != f"{TAG}str":
                if key_node.tag == f"{TAG}merge":
                    raise self.error(key_node, 'merge keys ("<<") are not supported')
                raise self.error(key_node, "a key must be text; put it in quotes")
            key = key_node.value
            self.count(key, key_node)
            if key in mapping:
                self.problems.append(
                    f'{self.tree.name}:{line}: duplicate key "{key}"; the first is in line {first[key]}'
                )
            first[key] = self.tree.lines[(*path, key)] = line
            mapping[key] = self.build(value_node, (*path, key))
        return mapping

    def scalar(self, node: yaml.ScalarNode) -> Any:
        tag, value = node.tag, node.value
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.error(node, "half of a surrogate pair is not a character")
        if self.environ is not None and tag == f"{TAG}str" and "${" in value:
            try:
                value = expand(value, self.environ)
            except ConfigError as error:
                self.problems.append(f"{self.tree.name}:{node.start_mark.line + 1}: {error}")
            if value:  # SEED=1 is a number to `seed: ${SEED}`, in quotes or not
                tag = self.loader.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
        self.count(value, node)
        try:
            return _plain(tag.removeprefix(TAG), value)
        except ValueError as error:
            raise self.error(node, f"{value[:40]!r} is not valid: {error}") from error
        except KeyError as error:
            raise self.error(node, f"the tag {tag.replace(TAG, '!!')} is not supported") from error

    def count(self, text: str, node: yaml.Node) -> None:
        self.characters += len(text)
        if self.characters > MAX_CHARACTERS:
            raise self.error(node, f"more than {MAX_CHARACTERS} characters once its aliases are expanded")

    def error(self, node: yaml.Node, message: str) -> ConfigError:
        return ConfigError(f"{self.tree.name}:{node.start_mark.line + 1}: {message}")


def _plain(kind: str, text: str) -> str | int | float | bool | None:
    """Return the value of a scalar; raises ``KeyError`` for kinds that YAML 1.2's core does not have."""
    if kind in {"str", "merge"}:
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    raise KeyError(kind)
