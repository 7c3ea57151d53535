"""What is left when a session ends: the model, a pipeline for the answers, and what to do next."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from nerture.cli.common.output import say
from nerture.cli.session.arguments import SessionArgs
from nerture.cli.session.open import RunningSession
from nerture.config import SourcePart
from nerture.errors import NertureError
from nerture.interfaces import RowsOptions
from nerture.models.model import Model
from nerture.store.store import Store
from nerture.terminal.text_format import plural


def end(order: SessionArgs, begun: RunningSession, store: Store) -> None:
    """Save what was learned, and say how to go on."""
    session, pipeline = begun.session, begun.pipeline
    standing = session.standing()
    say(f"\n{plural(standing.answers, 'answer')} of this session in dataset {order.dataset} ({store.place})")
    learner = session.learner
    if learner is not None and standing.versions:
        learned = {"session": order.dataset, "answers": standing.learned_from}
        model = Model(
            learner, pipeline.tokenizer, pipeline.config.as_dict(),
            files=pipeline.files, meta=learned, manager=pipeline.manager, constraints=pipeline.constraints,
        )  # fmt: skip
        try:
            model.save(order.folder)
        except NertureError as error:
            say(f"The model was not saved: {error}")
        else:
            folder = shlex.quote(str(order.folder))
            say(f"Model:   {order.folder}/ (from {plural(standing.learned_from, 'answer')})")
            say(f"Try it:  nerture apply {folder} TEXTS")
    say("Go on:   the same command once more")
    if order.mode == "retype" or (order.mode == "review" and not order.by_pipeline):
        return
    if order.by_pipeline:
        _say_training(order, begun)
        return
    name = write_pipeline(order, begun)
    if name is not None:
        say(f"Train:   {_training(order, str(name))}")


def _say_training(order: SessionArgs, begun: RunningSession) -> None:
    """Say how to train from the answers together with all else that the session's own pipeline has."""
    sources = begun.pipeline.config.sources
    command = _training(order, str(order.model))
    for override in order.overrides:
        if not override.startswith("session."):
            command += f" --set {shlex.quote(override)}"
    source = f"{{use: answers, dataset: {json.dumps(order.dataset, ensure_ascii=False)}}}"
    if any(part.use == "answers" and _dataset(part) == order.dataset for part in sources):
        say(f"Train:   {command}")
    elif not sources:
        say(f"Train:   {command} --set {shlex.quote(f'sources=[{source}]')}")
    else:
        say(f"Train:   add to `sources` of {order.model}:  - {source}")
        say(f"         {command}")


def _training(order: SessionArgs, pipeline: str) -> str:
    store_said = "" if order.store is None else f"NERTURE_STORE={shlex.quote(order.store)} "
    trained = shlex.quote(f"{order.dataset}-trained")
    return f"{store_said}nerture train {shlex.quote(pipeline)} -o {trained}"


def _dataset(part: SourcePart) -> str | None:
    return part.options.dataset if isinstance(part.options, RowsOptions) else None


def write_pipeline(order: SessionArgs, begun: RunningSession) -> Path | None:
    """Write a pipeline that trains from the dataset, unless there is one already; None: it cannot be."""
    import yaml  # not before: somebody waits for the first question

    path = Path(f"{order.dataset}.yaml")
    config = begun.pipeline.config
    said: dict[str, object] = {"nerture": 1, "labels": list(config.labels)}
    if config.start is not None:
        said["start"] = {"model": config.start.model}
    if order.patterns:
        said["matchers"] = [{"use": "patterns", "path": path, "as": ["feature"]} for path in order.patterns]
    said["sources"] = [{"use": "answers", "dataset": order.dataset}]
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"# Trains from the answers of dataset {order.dataset}.\n")
            yaml.safe_dump(said, file, sort_keys=False, allow_unicode=True)
    except FileExistsError:
        pass
    except OSError as error:
        say(f"{path}: not written: {error.strerror or error}")
        return None
    return path
