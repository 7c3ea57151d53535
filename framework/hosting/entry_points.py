"""The entry points of plugins in installed packages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "nerture"
SECTION = f"[{GROUP}]".encode()


def find_entry_points() -> list[EntryPoint]:
    """Return the entry points of the group ``nerture``, by name.

    Importing ``importlib.metadata`` takes longer than everything else here, and few machines have such a
    package, so it is imported only if one of the files that it would read has the group.
    """
    if not any(_may_have_plugins(Path(place or ".")) for place in sys.path):
        return []
    from importlib.metadata import entry_points

    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


def _may_have_plugins(place: Path) -> bool:
    """Return True if an entry of ``sys.path`` may have such a package; an archive always may."""
    try:
        infos = [path for path in place.iterdir() if path.suffix in {".dist-info", ".egg-info"}]
    except NotADirectoryError:
        return True
    except OSError:
        return False
    return any(SECTION in _content(path / "entry_points.txt") for path in infos)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
