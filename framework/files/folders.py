"""Folders that are written completely or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nerture.errors import NertureError


@contextlib.contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Make an empty folder to fill; replace ``target`` by it at the end, or remove it after an error.

    An existing ``target`` is not changed until the new folder is complete. Raises ``NertureError`` if
    ``target`` is a file, or if the disk fails.
    """
    target = Path(os.path.abspath(target))
    if target.exists() and not target.is_dir():
        raise NertureError(f"{target}: expected a folder, got a file")
    new = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        yield new
        for path in [new, *new.rglob("*")]:
            _sync(path)
        if target.exists():
            _swap(new, target)
        else:
            os.replace(new, target)
    except OSError as error:
        raise NertureError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        if new is not None and new.exists():
            shutil.rmtree(new, ignore_errors=True)


def _swap(new: Path, target: Path) -> None:
    """Replace ``target`` by ``new``; ``target`` is restored if that fails."""
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
    try:
        os.replace(target, old / "replaced")
        try:
            os.replace(new, target)
        except BaseException:
            os.replace(old / "replaced", target)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    """Make it readable for others, and write it to the disk, so that a full disk is noticed in time."""
    if path.is_dir():
        path.chmod(0o755)
        return
    path.chmod(0o644)
    with path.open("rb") as file:
        os.fsync(file.fileno())
