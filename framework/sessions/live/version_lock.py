"""``VersionLock``: of the processes that have a session open, one at a time trains versions of its model."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class VersionLock:
    """A lock on training versions, among the processes of this machine that have the same session open.

    Each version is then trained once, and the others load it from its checkpoint. The lock is a ``flock`` on
    ``folder`` (None if there are no others); the system releases it when its holder ends, however that
    happens. It only saves work: where it cannot be had, several processes train a version at the same time,
    and the one that is logged first counts.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock unless another process has it; return whether versions may be trained."""
        if self._folder is None or self._descriptor is not None:
            return True
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            return not isinstance(error, BlockingIOError)  # not every file system has locks
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Release the lock, if this process has it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
