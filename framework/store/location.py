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
    return os.environ.get(VARIABLE) or str(data_folder() / FILE_NAME)


def data_folder() -> Path:
    """Return nerture's own folder in the user's data folder."""
    data = os.environ.get("XDG_DATA_HOME", "")
    folder = Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share"
    return folder / "nerture"


def is_url(place: str) -> bool:
    """Say whether ``place`` is a URL, and no path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", place) is not None
