"""A private PostgreSQL: a cluster in a folder of its own, with a socket there and no port of the machine."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

SERVER_USER = "postgres"
"""Who runs the server where the tests are run by root, whom PostgreSQL refuses."""


def folder_of_programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are: Debian keeps them off the PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    if found is None and (on_path := shutil.which("initdb")):
        found = Path(on_path)
    return found.parent if found else None


def missing() -> str | None:
    """Why there can be no server; None: nothing is missing."""
    if folder_of_programs() is None:
        return "PostgreSQL is not installed (initdb, pg_ctl): nothing to test on"
    if os.geteuid() == 0 and SERVER_USER not in {entry.pw_name for entry in pwd.getpwall()}:
        return f"PostgreSQL does not run as root, and there is no user {SERVER_USER}"
    return None


class Cluster:
    """A server that runs while its context is open."""

    def __init__(self):
        self.databases = 0
        self.folder = Path(tempfile.mkdtemp(prefix="nerture-pg-"))
        self.data, self.programs = self.folder / "data", folder_of_programs()

    def __enter__(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, SERVER_USER)
        self._run(
            "initdb", "-D", self.data, "-A", "trust", "-U", "nerture", "-E", "UTF8", "--no-locale", "-N"
        )
        self.start()
        return self

    def __exit__(self, *error):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        # the tests kill processes, not machines: what the system has is safe without waiting for the disk
        options = f"-c fsync=off -c listen_addresses='' -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", self.data, "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self, how="fast"):
        self._run("pg_ctl", "-D", self.data, "-m", how, "-w", "stop")

    def url(self, database):
        return f"postgresql+psycopg://nerture@/{database}?host={self.folder}"

    def new_database(self):
        """Make an empty database, and return its URL."""
        self.databases += 1
        name = f"store{self.databases}"
        self._run("psql", "-h", self.folder, "-U", "nerture", "-c", f"CREATE DATABASE {name}", "postgres")
        return self.url(name)

    def _run(self, program, *arguments):
        as_user = {"user": SERVER_USER, "group": SERVER_USER, "extra_groups": []} if os.geteuid() == 0 else {}
        with tempfile.TemporaryFile() as said:  # a pipe would stay open as long as the server lives
            done = subprocess.run(
                [str(self.programs / program), *map(str, arguments)],
                stdout=said, stderr=said, cwd=self.folder, check=False, **as_user,
            )  # fmt: skip
            said.seek(0)
            assert done.returncode == 0, said.read().decode()
