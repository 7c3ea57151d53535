"""A teaching session's server as a process, and what may befall it."""

from __future__ import annotations

import importlib
import os
import random
import resource
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any, Protocol

from session_client import READY

DATA = "data"
"""The folder, in that of a server, where it keeps what it does not keep beside the store."""
MAX_FAULT_SECONDS = 2.0  # seconds
MAX_FILE_BYTES = 500_000
"""Bytes that a file may have at most while the disk is full: between none and so many."""


class Server:
    """A process that serves a session; what it says is read all the time, so that it never waits for it.

    ``doing`` is what its annotator is doing, and ``killed`` what he was doing when it was killed.
    """

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=environment
        )
        self.doing = "starting"
        self.killed: str | None = None
        self.said: deque[str] = deque(maxlen=60)
        self._port: int | None = None
        self._heard = Event()
        self._listening = Thread(target=self._listen, daemon=True)
        self._listening.start()

    def port(self, patience: float) -> int | None:
        """Return where it can be asked, once it can; None: it ended before."""
        self._heard.wait(patience)
        return self._port

    def kill(self) -> None:
        if self.killed is None:
            self.killed = self.doing
        self.process.kill()

    def ended(self, patience: float) -> bool:
        """Wait for its end, and for the last of what it said."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            return False
        self._listening.join(patience)
        return True

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line.decode(errors="replace"))
                if self._port is None and (found := READY.search(line)):
                    self._port = int(found[1])
                    self._heard.set()
        self._heard.set()


class Fault(Protocol):
    """What befalls a server, once."""

    def __call__(self, server: Server, draws: random.Random) -> None:
        """Let it happen, and pass; kill the server, or leave it alive."""


def kill(server: Server, draws: random.Random) -> None:
    server.kill()


class FullDisk:
    """No file of the server can grow beyond some size for a while."""

    def __call__(self, server: Server, draws: random.Random) -> None:
        most = draws.choice((0, draws.randrange(MAX_FILE_BYTES)))
        seconds, deadly = MAX_FAULT_SECONDS * draws.random(), draws.random() < 0.5
        limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, limits[1]))
        time.sleep(seconds)
        if deadly:
            server.kill()
        else:
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)


class Restart:
    """PostgreSQL is stopped, as by a power cut, and started again."""

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster

    def __call__(self, server: Server, draws: random.Random) -> None:
        seconds, deadly = MAX_FAULT_SECONDS * draws.random(), draws.random() < 0.5
        self.cluster.stop("immediate")
        try:
            time.sleep(seconds)
            if deadly:
                server.kill()
        finally:
            self.cluster.start()


class Strike:
    """A fault that comes after some seconds, beside everything else."""

    def __init__(self, fault: Fault, server: Server, seconds: float, seed: int) -> None:
        self.server = server
        self.failure: Exception | None = None
        self._thread = Thread(target=self._run, args=(fault, seconds, random.Random(seed)), daemon=True)
        self._thread.start()

    def _run(self, fault: Fault, seconds: float, draws: random.Random) -> None:
        time.sleep(seconds)
        try:
            fault(self.server, draws)
        except ProcessLookupError:
            pass  # it has ended by itself; whether it may have is judged elsewhere
        except Exception as error:
            self.failure = error

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait until it is over; raises what went wrong with it."""
        self._thread.join()
        if self.failure is not None:
            raise self.failure


def private_cluster() -> Any:
    """Return a PostgreSQL server of our own, to be used in a ``with`` block: the one that the tests use."""
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
    postgresql: Any = importlib.import_module("postgresql")

    if why := postgresql.missing():
        raise SystemExit(why)
    return postgresql.Cluster()


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a server that keeps everything in this folder."""
    return {**os.environ, "XDG_DATA_HOME": str(folder / DATA)}
