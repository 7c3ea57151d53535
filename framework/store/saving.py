"""Saves answers in the tables of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

from nerture.core.content_hash import content_hash
from nerture.store import schema
from nerture.store.records import Added, SavedAnswer

BATCH = 500
"""Rows that are sent to the database together."""

T = TypeVar("T")


def save_answers(
    connection: Connection, dataset: int, answers: Iterable[SavedAnswer], session: int | None = None
) -> Added:
    """Save the answers, with their texts; answers whose id the dataset has already are skipped."""
    saved = total = 0
    for batch in batches(answers):
        save_texts(connection, (answer.text for answer in batch if answer.text is not None))
        saved += insert_new(connection, schema.answers, [_row(answer, dataset, session) for answer in batch])
        total += len(batch)
    return Added(saved, total - saved)


def save_texts(connection: Connection, texts: Iterable[str]) -> None:
    """Save the texts that the store does not have yet."""
    # in the same order in every transaction, so that two never wait for each other in a circle
    rows = sorted({(content_hash(text), text) for text in texts})
    insert_new(connection, schema.inputs, [{"hash": hash, "text": text} for hash, text in rows])


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert the rows that violate no constraint, and return how many these were."""
    if not rows:
        return 0
    # only the dialect in use: importing both would take time
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    statement = dialect.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(statement, rows).rowcount


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Split ``items`` into lists that are sent together."""
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _row(answer: SavedAnswer, dataset: int, session: int | None) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "session": session,
        "input": None if answer.text is None else content_hash(answer.text),
        **{name: getattr(answer, name) for name in ANSWER_FIELDS},
    }


ANSWER_FIELDS = (
    "id", "question", "verdict", "annotator", "time", "seconds", "version", "score", "sampling", "flagged",
    "row",
)  # fmt: skip
"""The fields of ``SavedAnswer`` that are columns of the same name."""
