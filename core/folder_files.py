"""The files of a folder that may come from a stranger: only regular files that lie within it are read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from nerture.core.errors import ModelFileError

MAX_JSON_BYTES = 1 << 24
"""Upper bound of a file of JSON, which is read as a whole."""

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def locate(folder: Path, place: str, where: str) -> Path:
    """Return the path of ``place``, which is relative to ``folder``.

    Links are followed, and the folder may be one, but where they end must be a regular file within the
    folder. ``where`` begins messages. Raises ``ModelFileError`` for anything else, and ``FileNotFoundError``
    if there is nothing.
    """
    path = folder / place
    expected = f"{where}: expected a regular file within {folder}, got {place!r}"
    try:
        real = Path(os.path.realpath(path, strict=True))
        within = real.is_relative_to(os.path.realpath(folder))
        mode = real.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(f"{path}: no such file") from error
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        raise ModelFileError(f"{expected}: {getattr(error, 'strerror', None) or error}") from error
    if not within:
        raise ModelFileError(f"{expected}, which is {real}")
    if not stat.S_ISREG(mode):
        raise ModelFileError(f"{expected}, which is {KINDS.get(stat.S_IFMT(mode), 'no file')}")
    return path


def read_json_text(folder: Path, name: str) -> str:
    """Return a file of JSON as text; raises as ``locate`` does, and ``OSError`` and ``ValueError``."""
    path = folder / name
    with locate(folder, name, str(path)).open("rb") as stream:
        data = stream.read(MAX_JSON_BYTES + 1)
    if len(data) > MAX_JSON_BYTES:
        raise ModelFileError(f"{path}: expected at most {MAX_JSON_BYTES:,} bytes, got more")
    return data.decode("utf-8")
