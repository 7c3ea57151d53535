"""Each test of ``nerture data`` has a store of its own."""

import pytest

from ....support.datasets import clicks, own_store

__all__ = ["clicks", "own_store"]


@pytest.fixture(autouse=True)
def in_own_store(own_store):
    """Use the store in every test."""
