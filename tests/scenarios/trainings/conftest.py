"""A model to start from."""

from ...support.started_model import folder, started

__all__ = ["folder", "started"]
