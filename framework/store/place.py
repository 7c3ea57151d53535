"""Where a store is: a path, or the URL of a database."""

from __future__ import annotations

import os
import re
from pathlib import Path

VARIABLE = "NERTURE_STORE"
FILE_NAME = "nerture.sqlite"


def default_place() -> str:
    """Return the place that the environment names, else ``nerture/nerture.sqlite`` in the user's data folder.

    ``NERTURE_STORE`` names a path or a URL; the data folder is ``XDG_DATA_HOME``, or ``~/.local/share``.
    """
    if named := os.environ.get(VARIABLE):
        return named
    data = os.environ.get("XDG_DATA_HOME", "")
    folder = Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share"
    return str(folder / "nerture" / FILE_NAME)


def is_url(place: str) -> bool:
    """Say whether ``place`` is a URL, and no path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", place) is not None
