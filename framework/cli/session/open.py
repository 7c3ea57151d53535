"""Opens a session: its pipeline, its texts, its log in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nerture.cli.common.options import load_plugins
from nerture.cli.common.output import say
from nerture.cli.session.arguments import SessionArgs
from nerture.cli.session.resolve import choose_labels
from nerture.config import load_config
from nerture.config.session import DATASET, PRIOR_SOURCES, make_source_options
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
from nerture.sessions.live.factory import QUESTION, WEAK, make_session_parts, open_live_session
from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.plan import Mode, SessionPlan
from nerture.sessions.pool.passages import should_segment
from nerture.store.store import Store
from nerture.terminal.text_format import plural


@dataclass(frozen=True, slots=True)
class RunningSession:
    """An open session and its pipeline."""

    session: LiveSession
    pipeline: Pipeline


def open_running_session(
    args: SessionArgs, store: Store, pipeline: Pipeline, notifier: AnswerNotifier | None = None
) -> RunningSession:
    """Open the session; the same arguments and texts resume where it was left.

    ``pipeline`` comes from ``make_pipeline``; ``notifier`` is notified of every answer. Raises
    ``ConfigError`` and ``DataError`` for invalid arguments, ``CorpusError`` for texts that cannot be used.
    """
    labels = choose_labels(args.labels, pipeline.config.labels, args.mode)
    services = HostServices.for_pipeline(
        pipeline, (*pipeline.config.labels, *labels, *args.subtypes), Path.cwd(), args.store
    )
    plan = SessionPlan(
        cast(Mode, args.mode), labels,
        blank=pipeline.config.start is None, subtypes=args.subtypes, **args.asking,
    )  # fmt: skip
    prior = _read_prior_targets(args, pipeline, services)
    segment = should_segment(plan.mode, plan.ask, args.segment)
    settings = _make_settings(args, prior, segment)
    settled = _find_settled_texts(args, store, plan, settings)
    records = [record for record in _read_records(args, services) if record.text not in settled]
    if settled and not records:
        raise CorpusError(f"{args.source}: all texts are already answered in dataset {args.dataset}")
    opened = make_session_parts(
        pipeline, plan, records, sorter=args.sorter, options=args.sorter_options, prior_targets=prior,
        segment=segment,
    )  # fmt: skip
    session = open_live_session(store, args.dataset, opened, settings, saved=notifier)
    return RunningSession(session, pipeline)


def make_pipeline(args: SessionArgs) -> Pipeline:
    """Return the pipeline of the session: the one given, or one made from model, labels and patterns."""
    if args.model is not None and args.by_pipeline:
        if args.patterns:
            raise ConfigError(
                f"--patterns: cannot be combined with a pipeline; add them to `matchers` in {args.model}"
            )
        return open_pipeline(args.model, args.overrides, store=args.store)
    manager = load_plugins(args.plugins)
    base = {"nerture": 1, "labels": list(_find_labels(args, manager)), "matchers": _make_matchers(args)}
    start = {"start": {"model": str(Path(args.model).resolve())}} if args.model is not None else {}
    return Pipeline(load_config({**base, **start}, registry=manager.registry), manager)


def _find_labels(args: SessionArgs, manager: PluginManager) -> tuple[str, ...]:
    """Return the labels of the start model and those to ask about; if there are none, the patterns'."""
    labels = args.labels
    if args.model is not None:
        labels = (*describe_folder(Path(args.model)).labels, *labels)
    if not labels:
        services = HostServices.bare(manager.registry)
        for part in _make_matchers(args):
            labels += manager.registry.create("matcher", "patterns", {"path": part["path"]}, services).labels
    if not labels:
        raise ConfigError("--label: expected the labels to ask about, as in --label DRUG,DOSE, got none")
    return tuple(dict.fromkeys((*labels, *args.subtypes)))


def _make_matchers(args: SessionArgs) -> list[dict[str, Any]]:
    """Return the matchers of ``--patterns``.

    A new model also gets their matches as features; an existing one was trained without them.
    """
    roles = [QUESTION, WEAK] if args.model is not None else [QUESTION, WEAK, "feature"]
    return [{"use": "patterns", "path": path, "as": roles} for path in args.patterns]


def _read_records(args: SessionArgs, services: HostServices) -> list[Record]:
    """Read the texts; rows that cannot be read are reported and skipped."""
    read = collect(_read_rows(args, services), args.source, skip_bad=True)
    if read.problems:
        say(f"{args.source}: skipped {plural(len(read.problems), 'bad row')}, the first: {read.problems[0]}")
    if not read.items:
        raise CorpusError(f"{args.source}: no texts to ask about")
    return list(read.items)


def _find_settled_texts(
    args: SessionArgs, store: Store, plan: SessionPlan, settings: dict[str, Any]
) -> set[str]:
    """Return the texts that other sessions of the dataset have settled by a text question.

    They are not asked about again. Texts that this session asked about stay, so that its log can be replayed.
    """
    if args.mode in PRIOR_SOURCES or plan.annotators_per_question > 1:
        return set()
    log = store.session(args.dataset, {"plan": plan.as_stored(), "settings": settings})
    mine = {event.question.text for event in log.events() if event.question is not None}
    whole = {
        answer.text
        for answer in store.answers(args.dataset)
        if answer.text is not None and answer.row.get("_view_id") == VIEWS["text"]
    }
    return whole - mine


def _read_rows(args: SessionArgs, services: HostServices) -> Iterator[Record | Problem]:
    if args.source.startswith(DATASET):
        return services.dataset(args.source.removeprefix(DATASET))
    return services.read(args.source, args.format)


def _read_prior_targets(args: SessionArgs, pipeline: Pipeline, services: HostServices) -> Sequence[Target]:
    use = PRIOR_SOURCES.get(args.mode)
    if use is None:
        return ()
    if args.source == DATASET + args.dataset:
        raise ConfigError(
            f"{args.mode}: expected another dataset than the source, got {args.dataset} for both"
        )
    values = make_source_options(args.source, args.format)
    source = pipeline.manager.registry.create("source", use, values, services, args.source)
    return collect(source.targets(), args.source).items


def _make_settings(args: SessionArgs, prior: Sequence[Target], segment: bool) -> dict[str, Any]:
    """Return the settings that identify the session, and are shown: other ones open another session."""
    known = [[target.doc.text, [[s.start, s.end, s.label] for s in target.spans]] for target in prior]
    return {
        "model": "blank" if args.model is None else _absolute(args.model),
        "source": args.source if args.source.startswith(DATASET) else _absolute(args.source),
        "patterns": ", ".join(map(_absolute, args.patterns)),
        "sorter": _format_sorter(args),
        "whole": not segment,
        **({"told": content_hash(known)} if prior else {}),
    }


def _format_sorter(args: SessionArgs) -> str:
    """Return the sorter's name with its options that are not the default."""
    options = (
        args.sorter_options.model_dump(mode="json", exclude_defaults=True) if args.sorter_options else {}
    )
    listed = ", ".join(f"{name}: {value}" for name, value in sorted(options.items()))
    return f"{args.sorter} ({listed})" if listed else args.sorter


def _absolute(path: str) -> str:
    """Return the absolute path of a file, so that a session is the same from every folder."""
    return str(Path(path).resolve()) if Path(path).exists() else path
