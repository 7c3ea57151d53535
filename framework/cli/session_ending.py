"""What is left when a session ends: the model, a pipeline for the answers, and what to do next."""

from __future__ import annotations

import shlex
from pathlib import Path

import yaml

from nerture.cli.output import plural, say
from nerture.cli.session_opening import Begun
from nerture.cli.session_order import Order
from nerture.errors import NertureError
from nerture.model import Model
from nerture.store.store import Store


def end(order: Order, begun: Begun, store: Store) -> None:
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
    if order.mode in {"review", "retype"}:
        return
    name = write_pipeline(order, begun)
    if name is not None:
        store_said = "" if order.store is None else f"NERTURE_STORE={shlex.quote(order.store)} "
        trained = shlex.quote(f"{order.dataset}-trained")
        say(f"Train:   {store_said}nerture train {shlex.quote(str(name))} -o {trained}")


def write_pipeline(order: Order, begun: Begun) -> Path | None:
    """Write a pipeline that trains from the dataset, unless there is one already; None: it cannot be."""
    if order.model is not None and Path(order.model).suffix in {".yaml", ".yml"}:
        return None
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
