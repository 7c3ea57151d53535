"""What a database complains of, as errors that a user can act on: they name the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nerture.errors import StoreError

REASONS = (
    ("database is locked", "another program is writing to it, and did not finish in time; try again"),
    ("disk is full", "the disk is full; what was saved before is safe"),
    ("No space left on device", "the disk is full; what was saved before is safe"),
    ("disk I/O error", "the disk refuses (full, or damaged); what was saved before is safe"),
    ("file is not a database", "this file is no store"),
    ("malformed", "the file is damaged; `sqlite3 FILE .recover` may save what is in it"),
    ("unable to open database file", "the file cannot be opened or made"),
    ("readonly database", "the file, or its folder, cannot be written to"),
    ("attempt to write a readonly", "the file, or its folder, cannot be written to"),
    ("password authentication failed", "the database refuses this user and password"),
    ("Connection refused", "nobody answers there: is the database running?"),
    ("Is the server running", "nobody answers there: is the database running?"),
)
"""What a database says, and what that means."""


@contextmanager
def told(place: str) -> Iterator[None]:
    """Let errors of the database come out as ``StoreError`` that names ``place`` and the reason."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"store {place}: {_reason(error)}") from error


def _reason(error: SQLAlchemyError) -> str:
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    for phrase, reason in REASONS:
        if phrase.lower() in said.lower():
            return reason
    return " ".join(said.split()) or type(error).__name__
