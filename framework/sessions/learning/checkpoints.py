"""Versions of a session's model on disk, for a quick restart; nothing is lost without them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.core.learner.serialization import load_learner, load_meta, save_learner
from nerture.errors import ModelFileError
from nerture.sessions.log.events import Learned

MAX_VERSIONS = 3
"""Versions that are kept: the newest, and some before it in case it is incomplete."""
PREFIX, UNFINISHED = "version-", ".new."
ABANDONED = 3600.0
"""Seconds after which an unfinished version is removed: its writer was killed."""


class Checkpoints:
    """The checkpoints of one session in a folder.

    ``identity`` identifies the session; checkpoints of other sessions are ignored.
    """

    def __init__(self, folder: Path, identity: str, match_features: MatchFeatures | None = None) -> None:
        self.folder, self.identity, self.match_features = folder, identity, match_features

    def save(self, learned: Learned, learner: Learner) -> None:
        """Write a version and remove old ones; nothing is written if the disk fails."""
        meta = {
            "session": self.identity,
            "version": learned.version,
            "events": learned.events,
            "digest": digest(learner),
        }
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder))
            try:
                save_learner(learner, new, meta)
                place = self._place(learned.version)
                shutil.rmtree(place, ignore_errors=True)
                os.replace(new, place)
            finally:
                shutil.rmtree(new, ignore_errors=True)
            for old in self._versions()[MAX_VERSIONS:]:
                shutil.rmtree(self._place(old), ignore_errors=True)
            for left in self.folder.glob(f"{UNFINISHED}*"):
                if time.time() - left.stat().st_mtime > ABANDONED:
                    shutil.rmtree(left, ignore_errors=True)

    def has(self, learned: Learned) -> bool:
        """Return whether a version has a checkpoint, damaged or not."""
        return self._place(learned.version).exists()

    def newest(self, learned: Collection[Learned]) -> tuple[Learned, Learner] | None:
        """Return the newest undamaged version among ``learned``, or None."""
        for version in self._versions():
            place = self._place(version)
            with suppress(ModelFileError):
                meta = load_meta(place)
                found = Learned(version, meta.get("events", -1))
                if meta.get("session") == self.identity and found in learned:
                    learner = load_learner(place, meta, self.match_features)
                    if digest(learner) == meta.get("digest"):
                        return found, learner
        return None

    def remove(self) -> None:
        """Remove all checkpoints of the session."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _place(self, version: int) -> Path:
        return self.folder / f"{PREFIX}{version}"

    def _versions(self) -> list[int]:
        """Return the versions with a checkpoint, newest first."""
        names = [path.name.removeprefix(PREFIX) for path in self.folder.glob(f"{PREFIX}*")]
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)


def digest(learner: Learner) -> str:
    """Return a hash of a learner's weights."""
    return hashlib.blake2b(learner.weights.flat.tobytes(), digest_size=16).hexdigest()
