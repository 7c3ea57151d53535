"""What all tests share: real data, a store in each database, a browser, a guard against double imports."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from .support.browser import browse, chromium, serve
from .support.postgresql import Cluster, missing

__all__ = ["browse", "chromium", "serve"]

# how long an example takes says something of the machine, which may be busy with other tests
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session", autouse=True)
def no_stray_packages() -> None:
    """The repository's folders are packages of `nerture` only; as top-level names they would load twice."""
    assert not {"core", "plugins", "patterns", "framework"} & set(sys.modules)


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_reaches_commands() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, and so would the commands of the tests."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real annotations that NERTURE_DATA names."""
    folder = os.environ.get("NERTURE_DATA")
    if not folder:
        pytest.skip("NERTURE_DATA is not set: no real data to test on")
    path = Path(folder)
    assert path.is_dir(), f"NERTURE_DATA={folder} is not a folder"
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of the tests' own, which lives as long as they do."""
    if why := missing():
        pytest.skip(why)
    with Cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path) -> str:
    """The place of a store that is not made yet, in each database."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite")
    return request.getfixturevalue("cluster").new_database()


@pytest.fixture
def store(place):
    """A store, in each database."""
    from nerture.store.store import Store

    with Store.open(place) as opened:
        yield opened
