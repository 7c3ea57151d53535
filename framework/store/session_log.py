"""The log of one session: events are only appended, and are on the disk before anybody sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from nerture.core.content_hash import content_hash
from nerture.store import schema
from nerture.store.records import LoggedEvent, LoggedQuestion, LogGoneError, LogMovedError
from nerture.store.saving import BATCH, insert_new, save_answers, save_texts


class Database(Protocol):
    """What a log needs of its store (``nerture.store.store.Store``)."""

    place: str

    @property
    def folder(self) -> Path:
        """The folder of the sessions' caches."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection to read from."""

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a transaction to write in."""

    def has_answer(self, dataset: str, id: str) -> bool:
        """Return True if the dataset has an answer of that id."""


class SessionLog:
    """The log of a session, which writes to one dataset; ``identity`` is unique across stores."""

    def __init__(self, store: Database, key: int, dataset_key: int, dataset: str, identity: str) -> None:
        self.store, self.key, self.dataset, self.identity = store, key, dataset, identity
        self._dataset_key = dataset_key

    @property
    def folder(self) -> Path:
        """The folder of the session's caches."""
        return self.store.folder / self.identity

    def events(self, first: int = 0) -> Iterator[LoggedEvent]:
        """Yield the events from number ``first``, in order."""
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
        if first == 0:  # a whole log may be long; what others have appended since is short
            query = query.execution_options(yield_per=BATCH)
        with self.store.reading() as connection, connection.execute(query) as result:
            for row in result:
                question = None if row.hash is None else LoggedQuestion(row.hash, row.text, row.question)
                yield LoggedEvent(row.kind, row.body, row.time, question)

    def append(self, first: int, events: Sequence[LoggedEvent]) -> None:
        """Append events to the log, the first of them as number ``first``: all of them, or none.

        Their answers and undos are saved in the same transaction. Raises ``LogMovedError`` if the log is
        longer than ``first``, or the dataset has an answer of the same id: then another process has written
        to it, or an earlier call succeeded although it reported an error. Raises ``LogGoneError`` if the
        dataset was dropped.
        """
        try:
            with self.store.writing() as connection:
                self._append(connection, first, events)
        except Exception as error:
            if not isinstance(error, LogMovedError) and not isinstance(error.__cause__, IntegrityError):
                raise
            raise (self._moved_error() if self._is_there() else self._gone_error()) from error

    def _is_there(self) -> bool:
        query = select(schema.sessions.c.key).where(schema.sessions.c.key == self.key)
        with self.store.reading() as connection:
            return connection.execute(query).first() is not None

    def _append(self, connection: Connection, first: int, events: Sequence[LoggedEvent]) -> None:
        query = select(func.max(schema.events.c.number)).where(schema.events.c.session == self.key)
        last = connection.execute(query).scalar()
        if first != (0 if last is None else last + 1):
            raise self._moved_error()
        questions = {event.question.digest: event.question for event in events if event.question}
        save_texts(connection, (question.text for question in questions.values()))
        insert_new(
            connection, schema.questions, [self._question(question) for question in questions.values()]
        )
        connection.execute(
            schema.events.insert(), [self._event(number, event) for number, event in enumerate(events, first)]
        )
        for event in events:
            answers = [] if event.answer is None else [event.answer]
            if save_answers(connection, self._dataset_key, answers, self.key).known:
                raise self._moved_error()
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

    def _moved_error(self) -> LogMovedError:
        return LogMovedError(f"store {self.store.place}: the session's log has moved on; read it again")

    def _gone_error(self) -> LogGoneError:
        return LogGoneError(
            f"store {self.store.place}: dataset {self.dataset} was dropped while this session was open; "
            "nothing more can be saved in it, and the same command begins a new session"
        )
