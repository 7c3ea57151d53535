"""``open_session``: the parts of a session, made from a pipeline, a plan and texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nerture.core.annotations.record import Record
from nerture.core.learner.learner import Learner
from nerture.core.learner.resize_labels import anchor, grown
from nerture.core.network.parameters import Parameters
from nerture.core.targets.target import Target
from nerture.interfaces import Matcher, Options
from nerture.models.model import load
from nerture.pipeline import Pipeline
from nerture.sessions.learning.incremental_trainer import IncrementalTrainer
from nerture.sessions.live.state import SessionState
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool

SORTER = "uncertain"
QUESTION, WEAK = "question", "weak"


@dataclass(frozen=True, slots=True)
class SessionParts:
    """A session's state, what makes the versions of its model, and the model that it starts with, if any."""

    state: SessionState
    learning: IncrementalTrainer
    start: Learner | None


def open_session(
    pipeline: Pipeline,
    plan: SessionPlan,
    records: Iterable[Record],
    *,
    sorter: str = SORTER,
    options: Mapping[str, object] | Options | None = None,
    segment: bool = True,
    told: Sequence[Target] = (),
) -> SessionParts:
    """Make the parts of a session about the texts of ``records``.

    The pipeline's matchers with the role ``question`` or ``weak`` bring hits to ask about, which are believed
    as far as answers allow until they are asked about. ``sorter`` with its ``options`` orders what ``teach``
    asks; with ``segment``, long texts are asked about passage by passage. ``told`` is what was known of texts
    before. Raises ``ConfigError`` for a sorter that is not known, and what loading the model to start from
    raises.
    """
    registry, services = pipeline.manager.registry, pipeline.services
    matchers: dict[int, Matcher] = {}
    for role in (QUESTION, WEAK):
        for matcher in services.matchers(role):
            matchers.setdefault(id(matcher), matcher)
    pool = Pool(records, services.doc, tuple(matchers.values()), segment=segment)
    state = SessionState(plan, pool, registry.create("sorter", sorter, options or {}, services), told)
    start, pulled, knows = _start(pipeline)
    rehearses = pipeline.config.start is not None and pipeline.config.start.rehearse
    learning = IncrementalTrainer(
        plan, pool, registry.create("loss", "lattice", {}, services),
        start=start,
        rehearsal=registry.create("loss", "rehearse", {}, services) if rehearses else None,
        knows=knows,
        anchor=pulled,
        settings=pipeline.config.model,
        match_features=pipeline.match_features,
    )  # fmt: skip
    return SessionParts(state, learning, start)


def _start(pipeline: Pipeline) -> tuple[Learner | None, Parameters | None, tuple[str, ...]]:
    """Return the learner that the session starts with, where decay pulls, and which labels it knows."""
    part = pipeline.config.start
    if part is None:
        return None, None, ()
    model = load(part.folder, pipeline.manager)
    learner = grown(
        model.learner, pipeline.config.labels,
        match_features=pipeline.match_features,
        settings=pipeline.config.model,
        seed=pipeline.config.train.seed,
    )  # fmt: skip
    knows = tuple(label for label in model.labels if label in pipeline.config.labels)
    return learner, anchor(learner, model.labels), knows
