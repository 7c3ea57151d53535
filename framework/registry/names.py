"""Messages about unknown names: all valid names, and the nearest one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nerture.core.suggest_name import suggest_name

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
"""Former names of keys and roles, and their present names."""


def describe_unknown(what: str, names: Iterable[str], name: str) -> str:
    """Return a message that ``what`` (``loss "orcale"``) is unknown, with all names and the nearest."""
    valid = sorted(names)
    renamed = RENAMED.get(name)
    near = renamed if renamed in valid else suggest_name(name, valid)
    hint = f'; did you mean "{near}"?' if near else ""
    expected = f"one of {', '.join(valid)}" if valid else "none"
    return f"unknown {what}: expected {expected}{hint}"
