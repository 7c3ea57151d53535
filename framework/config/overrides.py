"""``--set KEY.PATH=VALUE``: changes values of a pipeline after reading and before checking it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nerture.core.format_json import format_json
from nerture.errors import ConfigError
from nerture.files.yaml_lines import parse
from nerture.registry.validation import KeyPath, format_key_path


def override(tree: Any, text: str, environ: Mapping[str, str]) -> KeyPath:
    """Set one value in ``tree`` (a mapping) and return its key path.

    Keys are separated by dots; items of a list are counted from 0 (``sources.0.path``); VALUE is YAML.
    Missing mappings are created; items of a list are not. Raises ``ConfigError`` that names the override.
    """
    name = f"--set {text}"
    keys, equals, value = text.partition("=")
    parts = keys.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(
            f"{name}: expected KEY.PATH=VALUE, such as train.seed=1 or sources.0.path=gold.jsonl"
        )
    path: KeyPath = ()
    node = tree
    for index, part in enumerate(parts):
        key = _key(node, part, path, name)
        path = (*path, key)
        if index == len(parts) - 1:
            try:
                node[key] = parse(value, name, environ).value
            except ConfigError as error:
                raise ConfigError(f"{name}: {str(error).removeprefix(f'{name}:1: ')}") from None
        elif isinstance(node, dict) and node.get(key) is None:
            node[key] = {}
        node = node[key]
    return path


def _key(node: Any, part: str, path: KeyPath, name: str) -> str | int:
    """Convert one part of the key path to a key of the mapping or list ``node``."""
    if isinstance(node, dict):
        return part
    if not isinstance(node, list):
        raise ConfigError(f'{name}: {format_key_path(path)} is {format_json(node)}; it has no key "{part}"')
    if not (part.isascii() and part.isdigit()) or int(part) >= len(node):
        expected = f"an index from 0 to {len(node) - 1}" if node else "no index, as the list is empty"
        raise ConfigError(f'{name}: {format_key_path(path)}: expected {expected}, got "{part}"')
    return int(part)
