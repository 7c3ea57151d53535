"""Reads the current answers of a dataset: those that were not undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from nerture.store import schema
from nerture.store.records import SavedAnswer
from nerture.store.saving import ANSWER_FIELDS, BATCH


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """Which answers to read: with this verdict, by this annotator, so many of the newest; None for any."""

    verdict: str | None = None
    annotator: str | None = None
    newest: int | None = None


def read_current(connection: Connection, dataset: int, chosen: AnswerFilter) -> Iterator[SavedAnswer]:
    """Yield the answers in the order in which they were saved, a batch at a time."""
    table = schema.answers
    query = (
        select(schema.inputs.c.text, table.c.key, *(table.c[name] for name in ANSWER_FIELDS))
        .outerjoin(schema.inputs, schema.inputs.c.hash == table.c.input)
        .where(table.c.dataset == dataset, table.c.key.not_in(select(schema.undone.c.answer)))
    )
    if chosen.verdict is not None:
        query = query.where(table.c.verdict == chosen.verdict)
    if chosen.annotator is not None:
        query = query.where(table.c.annotator == chosen.annotator)
    if chosen.newest is not None:
        newest = query.order_by(table.c.key.desc()).limit(chosen.newest).subquery()
        query = select(newest)
        query = query.order_by(newest.c.key)
    else:
        query = query.order_by(table.c.key)
    with connection.execute(query.execution_options(yield_per=BATCH)) as result:
        for row in result.mappings():
            yield SavedAnswer(text=row["text"], **{name: row[name] for name in ANSWER_FIELDS})
