"""A host of readers and sources of files."""

from ...support.file_sources import pipeline, registry, services, write

__all__ = ["pipeline", "registry", "services", "write"]
