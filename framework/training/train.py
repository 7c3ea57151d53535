"""``train``: trains a pipeline and saves the model folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nerture.core.learner.serialization import load_meta
from nerture.errors import ModelFileError
from nerture.files.model_folder import format_config
from nerture.pipeline import open_pipeline
from nerture.training.results import Progress, Trained
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data


def checkpoint_folder(output: Path) -> Path:
    """Return the folder of a training's checkpoint, next to the model folder."""
    return output.with_name(output.name + ".checkpoint")


def train(
    pipeline: Path | str | dict[str, Any],
    output: Path | str | None = None,
    *,
    overrides: Sequence[str] = (),
    resume: bool = False,
    skip_bad: bool = False,
    blocked: Sequence[str] = (),
    store: str | None = None,
    begin: Callable[[Trainer], None] = lambda trainer: None,
    listen: Callable[[Progress], None] = lambda progress: None,
) -> Trained:
    """Train the pipeline (a file, or a mapping) and save the model folder ``output``, if one is given.

    Ctrl-C ends the training early: the best model so far is saved, with a checkpoint next to it from which
    ``resume`` continues. A finished model in ``output`` is not replaced by an unfinished one, which is then
    saved as ``OUTPUT.interrupted``. ``begin`` is called with the trainer before its first step. ``store`` is
    where datasets are (None for the default place).
    """
    opened = open_pipeline(pipeline, overrides, blocked, store)
    format_config(opened.config.as_dict())  # a pipeline that no model can save is refused before training
    data = read_training_data(opened, skip_bad)
    folder = Path(output) if output is not None else None
    checkpoint = checkpoint_folder(folder) if folder else None
    trainer = Trainer(opened, data, checkpoint=checkpoint, listen=listen)
    if resume:
        trainer.resume()
    begin(trainer)
    result = trainer.run()
    if folder is not None and checkpoint is not None:
        if result.interrupted and _has_finished_model(folder):
            folder = folder.with_name(folder.name + ".interrupted")
        result.model.save(folder)
        result = replace(result, folder=folder)
        if not result.interrupted:
            shutil.rmtree(checkpoint, ignore_errors=True)
    return result


def _has_finished_model(folder: Path) -> bool:
    """Return True if the folder has the model of a training that was not interrupted."""
    try:
        return bool(load_meta(folder).get("finished", True))
    except ModelFileError:
        return False
