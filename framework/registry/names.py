"""What to say about a name that nobody knows: the nearest valid one, and all there are."""

from __future__ import annotations

from collections.abc import Iterable

from nerture.core.suggest_name import nearest

__all__ = ["nearest", "unknown"]


def unknown(what: str, names: Iterable[str], name: str) -> str:
    """Say that ``what`` (``loss "orcale"``) is unknown, which name is near, and which are allowed."""
    valid = sorted(names)
    near = nearest(name, valid)
    hint = f'; did you mean "{near}"?' if near else "; "
    listed = ", ".join(valid) if valid else "none"
    return f"unknown {what}{hint}{' ' if near else ''}allowed: {listed}"
