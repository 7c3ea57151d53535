"""Deletes a dataset; nothing else deletes from a store."""

from __future__ import annotations

from sqlalchemy import Connection, delete, or_, select

from nerture.store import schema


def drop(connection: Connection, dataset: int) -> None:
    """Delete the dataset, everything that belongs to it, and texts that no other dataset has."""
    answers = select(schema.answers.c.key).where(schema.answers.c.dataset == dataset)
    sessions = select(schema.sessions.c.key).where(schema.sessions.c.dataset == dataset)
    connection.execute(delete(schema.undone).where(schema.undone.c.answer.in_(answers)))
    connection.execute(delete(schema.answers).where(schema.answers.c.dataset == dataset))
    connection.execute(delete(schema.events).where(schema.events.c.session.in_(sessions)))
    connection.execute(delete(schema.questions).where(schema.questions.c.session.in_(sessions)))
    connection.execute(delete(schema.sessions).where(schema.sessions.c.dataset == dataset))
    connection.execute(delete(schema.datasets).where(schema.datasets.c.key == dataset))
    asked = select(schema.questions.c.input).where(schema.questions.c.input == schema.inputs.c.hash)
    answered = select(schema.answers.c.input).where(schema.answers.c.input == schema.inputs.c.hash)
    connection.execute(delete(schema.inputs).where(~or_(asked.exists(), answered.exists())))
