"""What the examples of the pages need."""

from ..support.plugin_parts import registry, save_model, services, told, write

__all__ = ["registry", "save_model", "services", "told", "write"]
