"""The named parts that plugins register, and the guards between them and the host."""

from nerture.registry.registry import HOST_KEYS, KINDS, Entry, Registry

__all__ = ["HOST_KEYS", "KINDS", "Entry", "Registry"]
