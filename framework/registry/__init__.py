"""The named parts that plugins hand in, and the guarded border between them and the host."""

from nerture.registry.registry import HOST_KEYS, KINDS, Entry, Registry

__all__ = ["HOST_KEYS", "KINDS", "Entry", "Registry"]
