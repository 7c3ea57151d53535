"""Connections to a database, set up so that what was committed is on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from nerture.errors import DataError
from nerture.store.location import is_url

EXPECTED = "store: expected a path, sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}
IMMEDIATE = "nerture_immediate"
"""The execution option of a connection that will write."""


def to_url(place: str) -> URL:
    """Convert a path or URL to a URL; raises ``DataError`` for an unknown kind of database."""
    if not is_url(place):
        return URL.create("sqlite+pysqlite", database=str(Path(place).expanduser().absolute()))
    try:
        url = make_url(place)
    except (ArgumentError, ValueError) as error:
        raise DataError(f"{EXPECTED}, got a URL that cannot be read") from error
    driver = DRIVERS.get(url.drivername, url.drivername)
    if driver not in DRIVERS.values():
        raise DataError(f"{EXPECTED}, got the kind of database {url.drivername!r}")
    if not url.database or url.database == ":memory:":
        missing = "file" if "sqlite" in driver else "database"
        raise DataError(f"{EXPECTED}, got a URL without a {missing}")
    return url.set(drivername=driver)


def make_engine(url: URL, timeout: float) -> Engine:
    """Make the engine; writes and connections fail after ``timeout`` seconds of waiting.

    Raises ``DataError`` if the database's driver is not installed.
    """
    if url.drivername.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": timeout, "isolation_level": None})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(
            url, pool_pre_ping=True, connect_args={"connect_timeout": max(2, round(timeout))}
        )
    except ModuleNotFoundError as error:
        raise DataError(
            f"store {format_url(url)}: no module {error.name}; try `pip install nerture[postgres]`"
        ) from error
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def format_url(url: URL) -> str:
    """Return the place for messages: the path of a file, or the URL without its password."""
    if url.drivername.startswith("sqlite"):
        return str(url.database)
    return url.render_as_string(hide_password=True)


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Set up a new connection: a commit waits for the disk."""
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that will write takes the write lock at once."""
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _prepare_postgresql(connection: Any, record: object) -> None:
    """Let a commit wait for the disk, even where the server is set not to."""
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.commit()
