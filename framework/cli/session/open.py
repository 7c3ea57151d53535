"""A session opened as it was ordered: its pipeline, its texts, its log in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nerture.cli.common import options
from nerture.cli.common.output import say
from nerture.cli.session.arguments import SessionArgs
from nerture.cli.session.resolve import asked_about
from nerture.config import load_config
from nerture.config.session import DATASET, TOLD, told_options
from nerture.core.annotations.record import Problem, Record
from nerture.core.content_hash import content_hash
from nerture.core.targets.target import Target
from nerture.errors import ConfigError, CorpusError
from nerture.files.corpus import collect
from nerture.files.model_folder import describe_folder
from nerture.hosting.manager import PluginManager
from nerture.hosting.services import HostServices
from nerture.pipeline import Pipeline, open_pipeline
from nerture.sessions.answers.prodigy_rows import VIEWS
from nerture.sessions.live.answer_notifier import AnswerNotifier
from nerture.sessions.live.factory import QUESTION, WEAK, open_session
from nerture.sessions.live.live_opening import open_live
from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.plan import Mode, SessionPlan
from nerture.sessions.pool.passages import in_passages
from nerture.store.store import Store
from nerture.terminal.text_format import plural


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A session that is open, and the pipeline that it was made of."""

    session: LiveSession
    pipeline: Pipeline


def begin(
    order: SessionArgs, store: Store, pipeline: Pipeline, notifier: AnswerNotifier | None = None
) -> RunningSession:
    """Open the session; the same order on the same texts goes on where it was left.

    ``pipeline`` is the one of ``make_pipeline``; ``notifier`` is told of every answer. Raises ``ConfigError``
    and ``DataError`` for what was ordered wrongly, ``CorpusError`` for texts that cannot be used.
    """
    labels = asked_about(order.labels, pipeline.config.labels, order.mode)
    services = HostServices(
        pipeline.manager.registry, tuple(dict.fromkeys((*pipeline.config.labels, *labels, *order.subtypes))),
        Path.cwd(), pipeline.tokenizer, store=order.store,
    )  # fmt: skip
    plan = SessionPlan(
        cast(Mode, order.mode), labels,
        blank=pipeline.config.start is None, subtypes=order.subtypes, **order.asking,
    )  # fmt: skip
    told = _told(order, pipeline, services)
    segment = in_passages(plan.mode, plan.ask, order.segment)
    settings = _settings(order, told, segment)
    known = _answered(order, store, plan, settings)
    records = [record for record in _records(order, services) if record.text not in known]
    if known and not records:
        raise CorpusError(f"{order.source}: every text is answered in dataset {order.dataset} already")
    opened = open_session(
        pipeline, plan, records, sorter=order.sorter, options=order.sorter_options, told=told,
        segment=segment,
    )  # fmt: skip
    session = open_live(store, order.dataset, opened, settings, saved=notifier)
    return RunningSession(session, pipeline)


def make_pipeline(order: SessionArgs) -> Pipeline:
    """Return the pipeline of the session: the one that was named, or one made of model, labels, patterns."""
    if order.model is not None and order.by_pipeline:
        if order.patterns:
            raise ConfigError(f"--patterns: {order.model} names its own matchers; add them there")
        return open_pipeline(order.model, order.overrides, store=order.store)
    manager = options.manager_for(order.plugins)
    base = {"nerture": 1, "labels": list(_labels(order, manager)), "matchers": _matchers(order)}
    start = {"start": {"model": str(Path(order.model).resolve())}} if order.model is not None else {}
    return Pipeline(load_config({**base, **start}, registry=manager.registry), manager)


def _labels(order: SessionArgs, manager: PluginManager) -> tuple[str, ...]:
    """Return the labels of the model: those that it has, those that are asked about, else the patterns'."""
    labels = order.labels
    if order.model is not None:
        labels = (*describe_folder(Path(order.model)).labels, *labels)
    if not labels:
        plain = HostServices(manager.registry, (), Path.cwd())
        for part in _matchers(order):
            labels += manager.registry.create("matcher", "patterns", {"path": part["path"]}, plain).labels
    if not labels:
        raise ConfigError("--label: missing; name the labels to ask about, as in --label DRUG,DOSE")
    return tuple(dict.fromkeys((*labels, *order.subtypes)))


def _matchers(order: SessionArgs) -> list[dict[str, Any]]:
    """Return the matchers of the ordered patterns.

    A model that begins from nothing sees their hits, too; one that is there already learned without them.
    """
    roles = [QUESTION, WEAK] if order.model is not None else [QUESTION, WEAK, "feature"]
    return [{"use": "patterns", "path": path, "as": roles} for path in order.patterns]


def _records(order: SessionArgs, services: HostServices) -> list[Record]:
    """Read the texts; rows that cannot be read are told and passed over."""
    read = collect(_rows(order, services), order.source, skip_bad=True)
    if read.problems:
        say(
            f"{order.source}: {plural(len(read.problems), 'bad row')} left out, the first: {read.problems[0]}"
        )
    if not read.items:
        raise CorpusError(f"{order.source}: no texts to ask about")
    return list(read.items)


def _answered(order: SessionArgs, store: Store, plan: SessionPlan, settings: dict[str, Any]) -> set[str]:
    """Return the texts that other sessions of the dataset have answers about as a whole.

    They are not asked about again; what this session has asked about stays, so that its log can be read.
    """
    if order.mode in TOLD or plan.annotators_per_question > 1:
        return set()
    log = store.session(order.dataset, {"plan": plan.as_stored(), "settings": settings})
    mine = {event.question.text for event in log.events() if event.question is not None}
    whole = {
        answer.text
        for answer in store.answers(order.dataset)
        if answer.text is not None and answer.row.get("_view_id") == VIEWS["text"]
    }
    return whole - mine


def _rows(order: SessionArgs, services: HostServices) -> Iterator[Record | Problem]:
    if order.source.startswith(DATASET):
        return services.dataset(order.source.removeprefix(DATASET))
    return services.read(order.source, order.format)


def _told(order: SessionArgs, pipeline: Pipeline, services: HostServices) -> Sequence[Target]:
    use = TOLD.get(order.mode)
    if use is None:
        return ()
    if order.source == DATASET + order.dataset:
        raise ConfigError(f"{order.mode}: keeps its answers in another dataset than it reads; name a new one")
    given = told_options(order.source, order.format)
    source = pipeline.manager.registry.create("source", use, given, services, order.source)
    return collect(source.targets(), order.source).items


def _settings(order: SessionArgs, told: Sequence[Target], segment: bool) -> dict[str, Any]:
    """Return what makes the session this one, and is shown: anything else begins another one."""
    known = [[target.doc.text, [[s.start, s.end, s.label] for s in target.spans]] for target in told]
    return {
        "model": "blank" if order.model is None else _place(order.model),
        "source": order.source if order.source.startswith(DATASET) else _place(order.source),
        "patterns": ", ".join(map(_place, order.patterns)),
        "sorter": _sorter(order),
        "whole": not segment,
        **({"told": content_hash(known)} if told else {}),
    }


def _sorter(order: SessionArgs) -> str:
    """Return the sorter with those of its options that are not as it has them by itself."""
    given = (
        order.sorter_options.model_dump(mode="json", exclude_defaults=True) if order.sorter_options else {}
    )
    said = ", ".join(f"{name}: {value}" for name, value in sorted(given.items()))
    return f"{order.sorter} ({said})" if said else order.sorter


def _place(path: str) -> str:
    """Return where a file lies, so that a session is the same from every folder."""
    return str(Path(path).resolve()) if Path(path).exists() else path
