"""``Store``: datasets of answers, in one SQLite file or one PostgreSQL database."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine, func, select

from nerture.core.annotations.json_rows import format_value as quoted
from nerture.core.annotations.json_rows import is_label
from nerture.core.content_hash import content_hash
from nerture.core.suggest_name import suggest_name
from nerture.errors import DataError
from nerture.store import removal, schema
from nerture.store.database_errors import translate_errors
from nerture.store.engine import IMMEDIATE, format_url, make_engine, to_url
from nerture.store.location import data_folder, default_place
from nerture.store.opening import check_file, check_schema, make_folder
from nerture.store.reading import AnswerFilter, read_current
from nerture.store.records import Added, DatasetInfo, Row, SavedAnswer, Statistics
from nerture.store.saving import insert_new, save_answers
from nerture.store.session_log import SessionLog
from nerture.store.statistics import count_statistics

TIMEOUT = 10.0
ALL_ANSWERS = AnswerFilter()


class Store:
    """An open store; it may be used from several threads at once.

    What a method saves is on the disk when it returns. Every method raises ``DataError`` that names the store
    if the database fails: it is locked, the disk is full, the connection is lost.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine, self.place = engine, place

    @classmethod
    def open(cls, place: str | Path | None = None, *, create: bool = True, timeout: float = TIMEOUT) -> Store:
        """Open the store at ``place``, a path or URL; None for the ``default_place``.

        With ``create``, a store is made if there is none. ``timeout`` is how many seconds to wait for other
        writers. Raises ``DataError`` if there is none, or if it is not a store or of a newer version.
        """
        url = to_url(default_place() if place is None else str(place))
        name = format_url(url)
        if url.drivername.startswith("sqlite"):
            path = Path(name)
            if place is None and create:
                make_folder(path.parent)
            check_file(path, create)
        engine = make_engine(url, timeout)
        try:
            with translate_errors(name):
                check_schema(engine, name, create)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, name)

    @property
    def folder(self) -> Path:
        """The folder of the sessions' caches: next to a SQLite file, else in the data folder."""
        if self._engine.dialect.name == "sqlite":
            return Path(f"{self.place}.sessions")
        return data_folder() / "sessions"

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection to read from."""
        with translate_errors(self.place), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction: at the end all changes are on the disk, or none if there was an error."""
        with (
            translate_errors(self.place),
            self._engine.connect().execution_options(**{IMMEDIATE: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def datasets(self) -> list[DatasetInfo]:
        """Return all datasets, by name."""
        table, answers, sessions = schema.datasets, schema.answers, schema.sessions
        undone = select(schema.undone.c.answer)
        current = (
            select(func.count())
            .where(answers.c.dataset == table.c.key, answers.c.key.not_in(undone))
            .scalar_subquery()
        )
        session_count = select(func.count()).where(sessions.c.dataset == table.c.key).scalar_subquery()
        with self.reading() as connection:
            rows = connection.execute(
                select(table.c.name, current, session_count, table.c.created).order_by(table.c.name)
            )
            return [DatasetInfo(*row) for row in rows]

    def add_dataset(self, name: str) -> None:
        """Make a dataset, unless it exists; raises ``DataError`` for a name that is not printable."""
        if not is_label(name):
            raise DataError(f"dataset: expected a printable name without space around it, got {quoted(name)}")
        with self.writing() as connection:
            insert_new(connection, schema.datasets, [{"name": name, "created": time.time()}])

    def has_dataset(self, name: str) -> bool:
        """Return True if there is a dataset of that name."""
        with self.reading() as connection:
            query = select(schema.datasets.c.key).where(schema.datasets.c.name == name)
            return connection.execute(query).first() is not None

    def require(self, name: str) -> None:
        """Raise ``DataError`` unless there is a dataset of that name."""
        with self.reading() as connection:
            self._key(connection, name)

    def answers(self, dataset: str, chosen: AnswerFilter = ALL_ANSWERS) -> Iterator[SavedAnswer]:
        """Yield the current answers, in the order in which they came."""
        with self.reading() as connection:
            yield from read_current(connection, self._key(connection, dataset), chosen)

    def has_answer(self, dataset: str, id: str) -> bool:
        """Return True if the dataset has an answer of that id, even an undone one."""
        with self.reading() as connection:
            key = self._key(connection, dataset)
            query = select(schema.answers.c.key).where(
                schema.answers.c.dataset == key, schema.answers.c.id == id
            )
            return connection.execute(query).first() is not None

    def add(self, dataset: str, answers: Iterable[SavedAnswer]) -> Added:
        """Save answers in an existing dataset: all of them, or none if there is an error."""
        with self.writing() as connection:
            return save_answers(connection, self._key(connection, dataset), answers)

    def statistics(self, dataset: str) -> Statistics:
        """Count what a dataset has."""
        with self.reading() as connection:
            return count_statistics(connection, self._key(connection, dataset), dataset)

    def merge(self, datasets: Sequence[str], into: str) -> Added:
        """Copy all current answers of ``datasets`` to ``into``, in the order of their times.

        Merging again adds only new answers.
        """
        if into in datasets:
            raise DataError(f"dataset {quoted(into)} cannot be merged into itself")
        for name in datasets:
            self.require(name)
        self.add_dataset(into)
        with self.writing() as connection:
            destination = self._key(connection, into)
            answers = [
                replace(answer, id=f"{name}/{answer.id}")
                for name in datasets
                for answer in read_current(connection, self._key(connection, name), ALL_ANSWERS)
            ]
            if all(answer.time is not None for answer in answers):
                answers.sort(key=lambda answer: answer.time or 0.0)
            return save_answers(connection, destination, answers)

    def drop(self, dataset: str) -> None:
        """Delete a dataset with its answers and the logs and files of its sessions."""
        table = schema.sessions
        with self.writing() as connection:
            key = self._key(connection, dataset)
            query = select(table.c.plan_hash, table.c.created).where(table.c.dataset == key)
            sessions = [_identity(dataset, *row) for row in connection.execute(query)]
            removal.drop(connection, key)
        for identity in sessions:
            shutil.rmtree(self.folder / identity, ignore_errors=True)

    def session(self, dataset: str, plan: Row) -> SessionLog:
        """Return the log of the dataset's session that was opened with this plan, or a new one.

        The dataset is made if it does not exist.
        """
        self.add_dataset(dataset)
        plan_hash = content_hash(plan)
        with self.writing() as connection:
            key = self._key(connection, dataset)
            table = schema.sessions
            values = {"dataset": key, "plan_hash": plan_hash, "plan": plan, "created": time.time()}
            insert_new(connection, table, [values])
            query = select(table.c.key, table.c.created).where(
                table.c.dataset == key, table.c.plan_hash == plan_hash
            )
            session, created = connection.execute(query).one()
        return SessionLog(self, session, key, dataset, _identity(dataset, plan_hash, created))

    def _key(self, connection: Connection, dataset: str) -> int:
        """Return the key of a dataset; raises ``DataError`` with the nearest name if there is none."""
        table = schema.datasets
        key = connection.execute(select(table.c.key).where(table.c.name == dataset)).scalar()
        if key is None:
            names = [row.name for row in connection.execute(select(table.c.name).order_by(table.c.name))]
            near = suggest_name(dataset, names)
            hint = f"; did you mean {near}?" if near else "; `nerture data list` shows all"
            raise DataError(f"store {self.place}: no dataset {quoted(dataset)}{hint}")
        assert isinstance(key, int)
        return key


def _identity(dataset: str, plan_hash: str, created: float) -> str:
    """Return the identity of a session, which is unique across stores."""
    return content_hash([dataset, plan_hash, created])
