"""A registry of a few small parts, and a model to start from."""

from ...support.small_registry import info, registry
from ...support.started_model import folder, started

__all__ = ["folder", "info", "registry", "started"]
