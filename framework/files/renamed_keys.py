"""Renames keys of model folders that were saved when the keys had other names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

META_KEYS: Mapping[str, str] = MappingProxyType({"again_steps": "refit_steps"})
TRAIN_KEYS: Mapping[str, str] = MappingProxyType({"rare_dropout": "unk_dropout"})
SOURCE_KEYS: Mapping[str, str] = MappingProxyType(
    {"misses": "include_unmatched", "prior": "prior_strength", "records": "pattern_stats"}
)
ROLES: Mapping[str, str] = MappingProxyType({"constraint": "require"})


def rename_meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of ``meta.json`` under the present keys."""
    return _rename(meta, META_KEYS)


def rename_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's pipeline under the present keys and roles; values that are not mappings are kept."""
    renamed = dict(config)
    if isinstance(config.get("train"), dict):
        renamed["train"] = _rename(config["train"], TRAIN_KEYS)
    if isinstance(config.get("sources"), list):
        renamed["sources"] = [
            _rename(source, SOURCE_KEYS)
            if isinstance(source, dict) and source.get("use") == "weak"
            else source
            for source in config["sources"]
        ]
    if isinstance(config.get("matchers"), list):
        renamed["matchers"] = [
            {**matcher, "as": _rename_roles(matcher["as"])}
            if isinstance(matcher, dict) and "as" in matcher
            else matcher
            for matcher in config["matchers"]
        ]
    return renamed


def _rename(mapping: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in mapping.items()}


def _rename_roles(roles: Any) -> Any:
    if isinstance(roles, list):
        return [_rename_roles(role) for role in roles]
    return ROLES.get(roles, roles) if isinstance(roles, str) else roles
