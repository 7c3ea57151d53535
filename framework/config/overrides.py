"""``--set KEY.PATH=VALUE``: changes values of a pipeline after it was read, before it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nerture.config.yaml_lines import parse
from nerture.errors import ConfigError
from nerture.registry.validation import KeyPath, key_text, shown


def override(tree: Any, text: str, environ: Mapping[str, str]) -> KeyPath:
    """Set one value in ``tree`` (a mapping) and return its key path.

    Keys are separated by dots, items of a list are counted from 0 (``sources.0.path``); VALUE is YAML.
    Mappings on the way are made; items of a list are not. Raises ``ConfigError`` that names the override.
    """
    name = f"--set {text}"
    keys, equals, value = text.partition("=")
    parts = keys.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(
            f"{name}: allowed is KEY.PATH=VALUE, such as train.seed=1 or sources.0.path=gold.jsonl"
        )
    path: KeyPath = ()
    here = tree
    for index, part in enumerate(parts):
        key = _key(here, part, path, name)
        path = (*path, key)
        if index == len(parts) - 1:
            try:
                here[key] = parse(value, name, environ).value
            except ConfigError as error:
                raise ConfigError(f"{name}: {str(error).removeprefix(f'{name}:1: ')}") from None
        elif isinstance(here, dict) and here.get(key) is None:
            here[key] = {}
        here = here[key]
    return path


def _key(here: Any, part: str, path: KeyPath, name: str) -> str | int:
    """Turn one part of the key path into a key of the mapping or list that stands there."""
    if isinstance(here, dict):
        return part
    if not isinstance(here, list):
        raise ConfigError(f'{name}: {key_text(path)} is {shown(here)}; it has no key "{part}"')
    if not (part.isascii() and part.isdigit()) or int(part) >= len(here):
        allowed = f"0 to {len(here) - 1}" if here else "none, the list is empty"
        raise ConfigError(f'{name}: {key_text(path)}: expected {allowed}, got the index "{part}"')
    return int(part)
