"""Both databases: a SQLite file, and a PostgreSQL cluster of the tests' own."""

from __future__ import annotations

import itertools

import pytest

from nerture.store.store import Store

from .postgresql import Cluster, missing


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A PostgreSQL server that lives as long as the tests."""
    if why := missing():
        pytest.skip(why)
    with Cluster() as running:
        yield running


numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """The place of a store that is not made yet, in each database."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite")
    return request.getfixturevalue("cluster").new_database(f"store{next(numbers)}")


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened
