"""What sources need: the services of a host, or of one that only reads files."""

import pytest

from ..support.file_sources import Registry, Services
from ..support.plugin_parts import as_probabilities, registry, save_model, services, write

__all__ = ["as_probabilities", "registry", "save_model", "services", "write"]


@pytest.fixture
def file_services(tmp_path):
    return Services(Registry(), tmp_path)
