"""Checks what is at a place before it is used: a store, nothing yet, or something else."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text

from nerture.errors import DataError
from nerture.store import schema
from nerture.store.engine import IMMEDIATE

MAKING = 0x6E657274
"""The number of the lock for creating a store in PostgreSQL."""


def make_folder(folder: Path) -> None:
    """Make the default folder of stores; raises ``DataError`` if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"store: the folder {folder} cannot be made: {error.strerror or error}") from error


def check_file(path: Path, create: bool) -> None:
    """Check the file of a store before it is opened; raises ``DataError`` if it cannot be one."""
    if path.is_dir():
        raise DataError(f"store {path}: expected a file, got a folder")
    if not path.exists() and not create:
        raise DataError(
            f"store {path}: does not exist; `nerture data import` and teaching sessions create it"
        )
    if not path.parent.is_dir():
        raise DataError(f"store {path}: there is no folder {path.parent}")


def check_schema(engine: Engine, place: str, create: bool) -> None:
    """Check that the database is a store of this version; an empty one becomes a store if ``create``.

    Raises ``DataError`` for a store of a newer version, and for another database.
    """
    with engine.connect() as connection:
        exists = _is_store(connection, place)
    if exists:
        return
    if not create:
        raise DataError(f"store {place}: the database is empty; `nerture data import` makes it a store")
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
    with engine.connect().execution_options(**{IMMEDIATE: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MAKING})
        if not _is_store(connection, place):  # another process may have created it meanwhile
            schema.metadata.create_all(connection)
            connection.execute(schema.store.insert(), {"version": schema.VERSION, "created": time.time()})


def _is_store(connection: Connection, place: str) -> bool:
    """Return True if the database is a store, False if it is empty; raises ``DataError`` for others."""
    names = set(inspect(connection).get_table_names())
    if schema.store.name not in names:
        if names:
            tables = ", ".join(sorted(names)[:3])
            raise DataError(f"store {place}: this database is not a store: it has other tables ({tables})")
        return False
    version = connection.execute(select(schema.store.c.version)).scalar_one()
    if version > schema.VERSION:
        raise DataError(
            f"store {place}: expected version {schema.VERSION} or less, got {version}; "
            "it was created by a newer nerture, which can read it"
        )
    return True


def _write_ahead(engine: Engine) -> None:
    """Turn on write-ahead logging, so that readers and writers do not wait for each other."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
