"""Finishes a session: saves the model, writes a pipeline for the answers, and prints what to do next."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from nerture.cli.common.output import say
from nerture.cli.session.arguments import SessionArgs
from nerture.cli.session.open import RunningSession
from nerture.config import SourcePart
from nerture.errors import NertureError
from nerture.files.yaml_writing import dump
from nerture.interfaces import RowsOptions
from nerture.models.model import Model
from nerture.store.store import Store
from nerture.terminal.text_format import plural


def finish_session(args: SessionArgs, running: RunningSession, store: Store) -> None:
    """Save the model, and print how to continue."""
    session, pipeline = running.session, running.pipeline
    progress = session.progress()
    say(f"\n{plural(progress.answers, 'answer')} of this session in dataset {args.dataset} ({store.place})")
    learner = session.learner
    if learner is not None and progress.versions:
        meta = {"session": args.dataset, "answers": progress.learned_from}
        model = Model(
            learner, pipeline.tokenizer, pipeline.config.as_dict(),
            files=pipeline.files, meta=meta, manager=pipeline.manager, constraints=pipeline.constraints,
        )  # fmt: skip
        try:
            model.save(args.folder)
        except NertureError as error:
            say(f"The model was not saved: {error}")
        else:
            folder = shlex.quote(str(args.folder))
            say(f"Model:   {args.folder}/ (from {plural(progress.learned_from, 'answer')})")
            say(f"Try it:  nerture apply {folder} TEXTS")
    say("Resume:  run the same command again")
    if args.mode == "retype" or (args.mode == "review" and not args.by_pipeline):
        return
    if args.by_pipeline:
        _print_training_command(args, running)
        return
    name = write_pipeline(args, running)
    if name is not None:
        say(f"Train:   {_training_command(args, str(name))}")


def _print_training_command(args: SessionArgs, running: RunningSession) -> None:
    """Print how to train on the answers and the other sources of the session's pipeline."""
    sources = running.pipeline.config.sources
    command = _training_command(args, str(args.model))
    for override in args.overrides:
        if not override.startswith("session."):
            command += f" --set {shlex.quote(override)}"
    source = f"{{use: answers, dataset: {json.dumps(args.dataset, ensure_ascii=False)}}}"
    if any(part.use == "answers" and _dataset_of(part) == args.dataset for part in sources):
        say(f"Train:   {command}")
    elif not sources:
        say(f"Train:   {command} --set {shlex.quote(f'sources=[{source}]')}")
    else:
        say(f"Train:   add to `sources` of {args.model}:  - {source}")
        say(f"         {command}")


def _training_command(args: SessionArgs, pipeline: str) -> str:
    environment = "" if args.store is None else f"NERTURE_STORE={shlex.quote(args.store)} "
    trained = shlex.quote(f"{args.dataset}-trained")
    return f"{environment}nerture train {shlex.quote(pipeline)} -o {trained}"


def _dataset_of(part: SourcePart) -> str | None:
    return part.options.dataset if isinstance(part.options, RowsOptions) else None


def write_pipeline(args: SessionArgs, running: RunningSession) -> Path | None:
    """Write a pipeline that trains on the dataset, unless it exists; return None if it cannot be written."""
    path = Path(f"{args.dataset}.yaml")
    config = running.pipeline.config
    keys: dict[str, object] = {"nerture": 1, "labels": list(config.labels)}
    if config.start is not None:
        keys["start"] = {"model": config.start.model}
    if args.patterns:
        keys["matchers"] = [{"use": "patterns", "path": path, "as": ["feature"]} for path in args.patterns]
    keys["sources"] = [{"use": "answers", "dataset": args.dataset}]
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"# Trains on the answers of dataset {args.dataset}.\n")
            file.write(dump(keys))
    except FileExistsError:
        pass
    except OSError as error:
        say(f"{path}: cannot be written: {error.strerror or error}")
        return None
    return path
