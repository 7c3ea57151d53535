"""What all tests share: the real data's folder, and a guard against importing a package under two names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_stray_packages() -> None:
    """The repository's folders are packages of `nerture` only; as top-level names they would load twice."""
    assert not {"core", "plugins", "patterns", "framework"} & set(sys.modules)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real annotations that NERTURE_DATA names."""
    folder = os.environ.get("NERTURE_DATA")
    if not folder:
        pytest.skip("NERTURE_DATA is not set: no real data to test on")
    path = Path(folder)
    assert path.is_dir(), f"NERTURE_DATA={folder} is not a folder"
    return path
