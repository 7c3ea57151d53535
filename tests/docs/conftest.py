"""What the examples of the pages need."""

from ..support.plugin_parts import as_probabilities, registry, save_model, services, write

__all__ = ["as_probabilities", "registry", "save_model", "services", "write"]
