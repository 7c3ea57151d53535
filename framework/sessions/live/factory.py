"""Opens sessions: makes the parts from a pipeline, and puts them on a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nerture.core.annotations.record import Record
from nerture.core.learner.learner import Learner
from nerture.core.learner.resize_labels import make_anchor, with_labels
from nerture.core.network.parameters import Parameters
from nerture.core.targets.target import Target
from nerture.interfaces import Matcher, Options
from nerture.models.model import load
from nerture.pipeline import Pipeline
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.learning.incremental_trainer import IncrementalTrainer
from nerture.sessions.live.live_session import LEASE, LiveSession
from nerture.sessions.live.state import SessionState
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool
from nerture.store.store import Store

SORTER = "uncertain"
QUESTION, WEAK = "question", "weak"


@dataclass(frozen=True, slots=True)
class SessionParts:
    """A session's state, the trainer of its model versions, and the model that it starts with, if any."""

    state: SessionState
    trainer: IncrementalTrainer
    start: Learner | None


def make_session_parts(
    pipeline: Pipeline,
    plan: SessionPlan,
    records: Iterable[Record],
    *,
    sorter: str = SORTER,
    options: Mapping[str, object] | Options | None = None,
    segment: bool = True,
    prior_targets: Sequence[Target] = (),
) -> SessionParts:
    """Make the parts of a session about the texts of ``records``.

    The pipeline's matchers with the role ``question`` or ``weak`` provide hits to ask about; unanswered hits
    are weak labels, weighted by the reliability of their pattern. ``sorter`` with its ``options`` is the
    query strategy that orders what ``teach`` asks; with ``segment``, long texts are asked about passage by
    passage. ``prior_targets`` is what was known about the texts before. Raises ``ConfigError`` for an unknown
    sorter, and what loading the start model raises.
    """
    registry, services = pipeline.manager.registry, pipeline.services
    matchers: dict[int, Matcher] = {}
    for role in (QUESTION, WEAK):
        for matcher in services.matchers(role):
            matchers.setdefault(id(matcher), matcher)
    pool = Pool(records, services.doc, tuple(matchers.values()), segment=segment)
    state = SessionState(
        plan, pool, registry.create("sorter", sorter, options or {}, services), prior_targets
    )
    start, anchor_weights, known_labels = _load_start(pipeline)
    should_rehearse = pipeline.config.start is not None and pipeline.config.start.rehearse
    trainer = IncrementalTrainer(
        plan, pool, registry.create("loss", "lattice", {}, services),
        start=start,
        rehearsal=registry.create("loss", "rehearse", {}, services) if should_rehearse else None,
        known_labels=known_labels,
        anchor=anchor_weights,
        settings=pipeline.config.model,
        match_features=pipeline.match_features,
    )  # fmt: skip
    return SessionParts(state, trainer, start)


def open_live_session(
    store: Store,
    dataset: str,
    parts: SessionParts,
    settings: Mapping[str, Any],
    *,
    lease: float = LEASE,
    saved: Callable[[str, Question, Answer], None] | None = None,
) -> LiveSession:
    """Open the session of ``dataset`` with the plan of ``parts`` and these settings, or create it.

    ``settings`` are plain data that say how the session was opened (model, patterns, source). With the same
    settings a session continues where it stopped; other settings make another session. The source may have
    new texts. ``saved`` is called with each saved answer. Raises ``DataError`` if the store fails.
    """
    log = store.session(dataset, {"plan": parts.state.plan.as_stored(), "settings": dict(settings)})
    return LiveSession(
        log, parts.state.make_initial, parts.trainer,
        settings=settings, checkpoints=log.folder, lease=lease, saved=saved,
    )  # fmt: skip


def _load_start(pipeline: Pipeline) -> tuple[Learner | None, Parameters | None, tuple[str, ...]]:
    """Return the start model's learner, the anchor of weight decay, and the labels that the model knows."""
    part = pipeline.config.start
    if part is None:
        return None, None, ()
    model = load(part.folder, pipeline.manager)
    learner = with_labels(
        model.learner, pipeline.config.labels,
        match_features=pipeline.match_features,
        settings=pipeline.config.model,
        seed=pipeline.config.train.seed,
    )  # fmt: skip
    known_labels = tuple(label for label in model.labels if label in pipeline.config.labels)
    return learner, make_anchor(learner, model.labels), known_labels
