"""Folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nerture.errors import NertureError


@contextlib.contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; put it in the place of ``target`` when all went well, else remove it.

    An existing ``target`` stays as it is until the new folder is complete. Raises ``NertureError`` when
    ``target`` is a file, or the disk refuses.
    """
    target = Path(os.path.abspath(target))
    if target.exists() and not target.is_dir():
        raise NertureError(f"{target}: is a file; a folder is wanted there")
    new = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        yield new
        for path in [new, *new.rglob("*")]:
            _settle(path)
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
    """Put ``new`` in the place of ``target``, which comes back if that fails."""
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


def _settle(path: Path) -> None:
    """Let others read it, and make sure that a full disk shows itself before the old folder is gone."""
    if path.is_dir():
        path.chmod(0o755)
        return
    path.chmod(0o644)
    with path.open("rb") as file:
        os.fsync(file.fileno())
