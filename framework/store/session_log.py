"""The log of one session: events are only ever added, and each is on the disk before anybody hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from nerture.core.content_hash import content_hash
from nerture.store import schema
from nerture.store.records import LoggedEvent, LoggedQuestion, LogMovedError
from nerture.store.saving import BATCH, insert_new, save_answers, save_texts


class Database(Protocol):
    """What a log needs of the store that it is in (``nerture.store.store.Store``)."""

    place: str

    @property
    def folder(self) -> Path:
        """Where files may be kept beside the store."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection to read by."""

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a transaction to write by."""

    def has_answer(self, dataset: str, id: str) -> bool:
        """Return whether the dataset has an answer of that id."""


class SessionLog:
    """The log of a session, which writes to one dataset; ``identity`` stands for it in every store."""

    def __init__(self, store: Database, key: int, dataset_key: int, dataset: str, identity: str) -> None:
        self.store, self.key, self.dataset, self.identity = store, key, dataset, identity
        self._dataset_key = dataset_key

    @property
    def folder(self) -> Path:
        """Where a session may keep files that it can do without: beside a store that is a file."""
        return self.store.folder / self.identity

    def events(self, first: int = 0) -> Iterator[LoggedEvent]:
        """Yield the events from number ``first`` on, in order."""
        table, questions = schema.events, schema.questions
        query = (
            select(
                table.c.kind, table.c.body, table.c.time,
                questions.c.hash, questions.c.body.label("question"), schema.inputs.c.text,
            )
            .outerjoin(
                questions,
                (questions.c.session == table.c.session) & (questions.c.digest == table.c.question),
            )
            .outerjoin(schema.inputs, schema.inputs.c.hash == questions.c.input)
            .where(table.c.session == self.key, table.c.number >= first)
            .order_by(table.c.number)
        )  # fmt: skip
        with (
            self.store.reading() as connection,
            connection.execute(query.execution_options(yield_per=BATCH)) as result,
        ):
            for row in result:
                question = None if row.hash is None else LoggedQuestion(row.hash, row.text, row.question)
                yield LoggedEvent(row.kind, row.body, row.time, question)

    def append(self, first: int, events: Sequence[LoggedEvent]) -> None:
        """Add events to the end of the log, the first of them as number ``first``: all of them, or none.

        What they bring into the dataset, or take back, is saved in the same step. Raises ``LogMovedError``
        when the log is longer than ``first``, or the dataset has an answer of the same id: then somebody
        else has written to it, or an earlier call did although it failed.
        """
        try:
            with self.store.writing() as connection:
                self._append(connection, first, events)
        except Exception as error:
            if isinstance(error.__cause__, IntegrityError):
                raise self._moved() from error
            raise

    def _append(self, connection: Connection, first: int, events: Sequence[LoggedEvent]) -> None:
        query = select(func.max(schema.events.c.number)).where(schema.events.c.session == self.key)
        last = connection.execute(query).scalar()
        if first != (0 if last is None else last + 1):
            raise self._moved()
        questions = {event.question.digest: event.question for event in events if event.question}
        save_texts(connection, (question.text for question in questions.values()))
        insert_new(connection, schema.questions, [self._question(one) for one in questions.values()])
        connection.execute(
            schema.events.insert(), [self._event(number, event) for number, event in enumerate(events, first)]
        )
        for event in events:
            answers = [] if event.answer is None else [event.answer]
            if save_answers(connection, self._dataset_key, answers, self.key).known:
                raise self._moved()
            if event.undoes is not None:
                self._undo(connection, event)

    def _question(self, question: LoggedQuestion) -> dict[str, Any]:
        return {
            "session": self.key,
            "digest": question.digest,
            "hash": question.hash,
            "input": content_hash(question.text),
            "body": question.body,
        }

    def _event(self, number: int, event: LoggedEvent) -> dict[str, Any]:
        return {
            "session": self.key,
            "number": number,
            "kind": event.kind,
            "question": event.question.digest if event.question else None,
            "body": event.body,
            "time": event.time,
        }

    def _undo(self, connection: Connection, event: LoggedEvent) -> None:
        table = schema.answers
        key = select(table.c.key).where(table.c.dataset == self._dataset_key, table.c.id == event.undoes)
        connection.execute(
            schema.undone.insert().values(
                answer=key.scalar_subquery(), annotator=event.body.get("annotator"), time=event.time
            )
        )

    def _moved(self) -> LogMovedError:
        return LogMovedError(f"store {self.store.place}: the session's log has moved on; read it again")
