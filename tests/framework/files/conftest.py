"""A host of readers and sources of files."""

from ...support.file_sources import registry, services

__all__ = ["registry", "services"]
