"""The place of a store: a path, or the URL of a database."""

from __future__ import annotations

import os
import re
from pathlib import Path

VARIABLE = "NERTURE_STORE"
FILE_NAME = "nerture.sqlite"


def default_place() -> str:
    """Return the path or URL in ``NERTURE_STORE``, else ``nerture.sqlite`` in nerture's data folder."""
    return os.environ.get(VARIABLE) or str(data_folder() / FILE_NAME)


def data_folder() -> Path:
    """Return nerture's folder in the user's data folder.

    On Linux the latter is ``XDG_DATA_HOME``, or ``~/.local/share``.
    """
    from platformdirs import user_data_path

    return user_data_path("nerture", appauthor=False)


def is_url(place: str) -> bool:
    """Return True if ``place`` is a URL, not a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", place) is not None
