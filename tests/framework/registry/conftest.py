"""A registry of a few small parts."""

from ...support.small_registry import info, registry

__all__ = ["info", "registry"]
