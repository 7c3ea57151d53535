"""What stands at a place before it is used: a store, one to be made, or something else that is left alone."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text

from nerture.errors import DataError
from nerture.store import schema
from nerture.store.engine import IMMEDIATE

MAKING = 0x6E657274
"""The number of the lock under which a store is made in PostgreSQL."""


def make_folder(folder: Path) -> None:
    """Make the folder that stores are in by default; raises ``DataError`` if that is not allowed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"store: the folder {folder} cannot be made: {error.strerror or error}") from error


def check_file(path: Path, create: bool) -> None:
    """Look at the file of a store before it is opened; raises ``DataError`` if it cannot be one."""
    if path.is_dir():
        raise DataError(f"store {path}: is a folder; a file is wanted there")
    if not path.exists() and not create:
        raise DataError(
            f"store {path}: there is none yet; `nerture data import` and teaching sessions make one"
        )
    if not path.parent.is_dir():
        raise DataError(f"store {path}: there is no folder {path.parent}")


def check_schema(engine: Engine, place: str, create: bool) -> None:
    """Make sure that the database is a store of this version; an empty one is made a store if ``create``.

    Raises ``DataError`` for a store of a newer version, and for a database of something else.
    """
    with engine.connect() as connection:
        there = _is_store(connection, place)
    if there:
        return
    if not create:
        raise DataError(f"store {place}: the database is empty; `nerture data import` makes it a store")
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
    with engine.connect().execution_options(**{IMMEDIATE: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MAKING})
        if not _is_store(connection, place):  # nobody made it meanwhile
            schema.metadata.create_all(connection)
            connection.execute(schema.store.insert(), {"version": schema.VERSION, "created": time.time()})


def _is_store(connection: Connection, place: str) -> bool:
    """Say whether there is a store; False: the database is empty."""
    names = set(inspect(connection).get_table_names())
    if schema.store.name not in names:
        if names:
            some = ", ".join(sorted(names)[:3])
            raise DataError(f"store {place}: this database is no store: it has other tables ({some})")
        return False
    version = connection.execute(select(schema.store.c.version)).scalar_one()
    if version > schema.VERSION:
        raise DataError(
            f"store {place}: has version {version}, and this nerture knows {schema.VERSION} at most; "
            "a newer nerture made it, and can read it"
        )
    return True


def _write_ahead(engine: Engine) -> None:
    """Keep a log ahead of the file, so that reading and writing do not wait for each other."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
