"""The tables of a store.

Rows are never changed: an answer that is undone stays, and gets a row in ``undone``. Only dropping a dataset
deletes rows.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from nerture.store.columns import Json

VERSION = 1
"""The version of this schema; every store records its own."""

HASH = String(32)

metadata = MetaData()

store = Table(
    "nerture_store",
    metadata,
    Column("version", Integer, nullable=False),
    Column("created", Double, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("created", Double, nullable=False),
    sqlite_autoincrement=True,
)

inputs = Table(
    "inputs",
    metadata,
    Column("hash", HASH, primary_key=True),
    Column("text", Json, nullable=False),
)
"""Texts, each once; ``hash`` is the content hash of the text."""

sessions = Table(
    "sessions",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("dataset", ForeignKey("datasets.key"), nullable=False),
    Column("plan_hash", HASH, nullable=False),
    Column("plan", Json, nullable=False),
    Column("created", Double, nullable=False),
    UniqueConstraint("dataset", "plan_hash"),
    sqlite_autoincrement=True,
)
"""``plan`` is what a session was opened with; the same plan means the same session."""

questions = Table(
    "questions",
    metadata,
    Column("session", ForeignKey("sessions.key"), primary_key=True),
    Column("digest", HASH, primary_key=True),
    Column("hash", HASH, nullable=False),
    Column("input", ForeignKey("inputs.hash"), nullable=False, index=True),
    Column("body", Json, nullable=False),
)
"""Questions: ``hash`` identifies what is asked, ``digest`` all of ``body``, including the reason."""

events = Table(
    "events",
    metadata,
    Column("session", ForeignKey("sessions.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("question", HASH),
    Column("body", Json, nullable=False),
    Column("time", Double, nullable=False),
    ForeignKeyConstraint(["session", "question"], ["questions.session", "questions.digest"]),
)
"""The log of each session, ``number`` from 0 on without a gap."""

answers = Table(
    "answers",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("dataset", ForeignKey("datasets.key"), nullable=False),
    Column("id", String, nullable=False),
    Column("session", ForeignKey("sessions.key"), index=True),
    Column("input", ForeignKey("inputs.hash"), index=True),
    Column("question", HASH),
    Column("verdict", String),
    Column("annotator", String),
    Column("time", Double),
    Column("seconds", Double),
    Column("version", Integer),
    Column("score", Double),
    Column("sampling", Double),
    Column("flagged", Boolean, nullable=False),
    Column("row", Json, nullable=False),
    UniqueConstraint("dataset", "id"),
    sqlite_autoincrement=True,
)
"""Answers in the order in which they came. ``row`` is the whole answer, as it is exported."""

undone = Table(
    "undone",
    metadata,
    Column("answer", ForeignKey("answers.key"), primary_key=True),
    Column("annotator", String),
    Column("time", Double, nullable=False),
)
"""Answers that were undone."""
