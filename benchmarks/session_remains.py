"""What a teaching session's server left behind when it was killed, and how the session comes back from it."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from nerture.files.corpus import collect
from nerture.pipeline import open_pipeline
from nerture.sessions.answers.question import Answer
from nerture.sessions.learning.checkpoints import digest
from nerture.sessions.live.factory import SessionParts, make_session_parts
from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.log.annotator_queues import AnnotatorQueues
from nerture.sessions.log.event_codec import from_log
from nerture.sessions.log.events import Event
from nerture.sessions.plan import SessionPlan
from nerture.store import schema
from nerture.store.location import is_url
from nerture.store.store import Store
from nerture.web.payloads import encode_question

DATASET, ANNOTATOR, ANOTHER = "bench", "ann", "bob"
AHEAD = 3
"""New questions that are compared."""


class Broken(Exception):  # noqa: N818 - it says what is broken
    """Something is not as it was promised."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What is in a store: the ids of the dataset's answers, and the events of the session's log, in order."""

    ids: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def answers(self) -> list[Answer]:
        return [event for event in self.events if isinstance(event, Answer)]

    def out(self) -> dict[str, Any] | None:
        """Return the question that was out, as it is told; None: none was."""
        queues = AnnotatorQueues()
        for event in self.events:
            queues.apply(event)
        found = queues.find_open(ANNOTATOR, 0.0)
        return as_told(encode_question(found[0])) if found else None

    def learning(self, opened: SessionParts) -> bool:
        """Say whether a version of the model was on its way."""
        state = opened.state.make_initial()
        for event in self.events:
            state.apply(event)
        return state.is_update_due()


@dataclass(frozen=True, slots=True)
class Return:
    """A session that was opened again: its next questions, and what stands for its model's weights.

    ``models`` has the version that the log speaks of, and the one that what was answered since is in.
    """

    questions: list[dict[str, Any]]
    models: dict[int, str]

    @property
    def version(self) -> int:
        return max(self.models)

    def __str__(self) -> str:
        asked = [(question["version"], question["id"]) for question in self.questions]
        return f"models {self.models}, questions {asked}"

    def agrees(self, other: Return) -> bool:
        """Say whether another one asks the same, and has the same model to the byte."""
        both = self.models.keys() & other.models.keys()
        same = all(self.models[version] == other.models[version] for version in both)
        return same and self.version == other.version and self.questions == other.questions


def copied(place: str, to: Path) -> Path:
    """Copy the store of a server that is dead, without its checkpoints, into a folder that is made.

    The store itself stays as it was left: whoever opens it next is the server. That in PostgreSQL is copied
    into a file, row by row.
    """
    to.mkdir()
    copy = to / "store.db"
    if is_url(place):
        _copy_rows(place, copy)
    else:
        for suffix in ("", "-wal", "-journal"):
            if Path(place + suffix).exists():
                shutil.copy(place + suffix, f"{copy}{suffix}")
    return copy


def _copy_rows(place: str, copy: Path) -> None:
    with Store.open(place) as source, Store.open(copy) as target:
        while _others(source):  # what the dead one has sent is still being done
            time.sleep(0.05)
        with source.reading() as rows, target.writing() as goal:
            for table in schema.metadata.sorted_tables:
                found = [dict(row) for row in rows.execute(select(table)).mappings()]
                if found and table is not schema.store:
                    goal.execute(table.insert(), found)


def _others(store: Store) -> int:
    """Return how many others are connected to a database of PostgreSQL."""
    mine = "datname = current_database() AND pid <> pg_backend_pid()"
    with store.reading() as connection:
        return int(
            connection.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {mine}")).scalar_one()
        )


def read(copy: Path) -> Remains:
    """Read what is in a store; nothing, where it was not made yet."""
    with Store.open(copy) as store:
        plan = _plan(store)
        if plan is None:
            return Remains()
        events = tuple(from_log(logged) for logged in store.session(DATASET, plan).events())
        return Remains(tuple(answer.id for answer in store.answers(DATASET)), events)


def parts(pipeline: str, gold: str) -> SessionParts:
    """Make the parts of the session that ``nerture teach`` opens with this pipeline about these texts."""
    opened = open_pipeline(pipeline)
    records = collect(opened.services.read(gold), gold, skip_bad=True).items
    plan = SessionPlan("teach", opened.config.labels, blank=opened.config.start is None)
    return make_session_parts(opened, plan, records)


def reopened(copy: Path, opened: SessionParts, now: float) -> Return:
    """Open the session again as it was at ``now``, in seconds since 1970, and let it learn what is due."""
    with Store.open(copy, create=False) as store:
        plan = _plan(store)
        assert plan is not None
        log = store.session(DATASET, plan)
        session = LiveSession(
            log, opened.state.make_initial, opened.trainer, checkpoints=log.folder, clock=lambda: now
        )
        out = session.questions(ANNOTATOR)
        new = session.questions(ANOTHER, AHEAD)  # who has none out waits until the model is there
        questions = [as_told(encode_question(one)) for one in (*out, *new)]
        models = dict([_model(session)])
        session.close()
        return Return(questions, {**models, **dict([_model(session)])})


def _model(session: LiveSession) -> tuple[int, str]:
    version, learner = session.version, session.learner
    return version, "" if learner is None else digest(learner)


def as_told(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as it comes over the wire."""
    return dict(json.loads(json.dumps(message)))


def _plan(store: Store) -> dict[str, Any] | None:
    """Return what the session was opened with; None: none was."""
    with store.reading() as connection:
        found = connection.execute(select(schema.sessions.c.plan)).scalar()
        return None if found is None else dict(found)
