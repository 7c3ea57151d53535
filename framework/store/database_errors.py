"""Errors of databases, translated to errors that name the store and tell users what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nerture.errors import StoreError

REASONS = (
    ("database is locked", "another program is writing to it and did not finish in time; try again"),
    ("disk is full", "the disk is full; what was saved before is safe"),
    ("No space left on device", "the disk is full; what was saved before is safe"),
    ("disk I/O error", "the disk refuses (full, or damaged); what was saved before is safe"),
    ("file is not a database", "this file is not a store"),
    ("malformed", "the file is damaged; `sqlite3 FILE .recover` may save its content"),
    ("unable to open database file", "the file cannot be opened or created"),
    ("readonly database", "the file, or its folder, cannot be written to"),
    ("attempt to write a readonly", "the file, or its folder, cannot be written to"),
    ("password authentication failed", "the database rejects this user and password"),
    ("Connection refused", "there is no answer; is the database running?"),
    ("Is the server running", "there is no answer; is the database running?"),
)
"""Phrases of database errors, and what they mean."""


@contextmanager
def translate_errors(place: str) -> Iterator[None]:
    """Raise errors of the database as ``StoreError`` with ``place`` and the reason."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"store {place}: {_reason(error)}") from error


def _reason(error: SQLAlchemyError) -> str:
    message = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    for phrase, reason in REASONS:
        if phrase.lower() in message.lower():
            return reason
    return " ".join(message.split()) or type(error).__name__
