"""What to say about a name that nobody knows: the nearest valid one, and all there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nerture.core.suggest_name import nearest

__all__ = ["nearest", "unknown"]

RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "constraint": "require",
        "into": "subtypes",
        "learn_every": "update_every",
        "misses": "include_unmatched",
        "overlap": "annotators_per_question",
        "prior": "prior_strength",
        "rare_dropout": "unk_dropout",
        "records": "pattern_stats",
        "suggested": "suggested_patterns",
        "whole": "segment",
    }
)
"""Former names of keys and roles, and what they are called now."""


def unknown(what: str, names: Iterable[str], name: str) -> str:
    """Say that ``what`` (``loss "orcale"``) is unknown, which name is near, and which are allowed."""
    valid = sorted(names)
    renamed = RENAMED.get(name)
    near = renamed if renamed in valid else nearest(name, valid)
    hint = f'; did you mean "{near}"?' if near else "; "
    listed = ", ".join(valid) if valid else "none"
    return f"unknown {what}{hint}{' ' if near else ''}allowed: {listed}"
