"""Checkpoints: everything that training needs to continue as if it had never stopped."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nerture.core.folder_files import read_json_text
from nerture.core.learner.serialization import load_parameters, save_parameters
from nerture.core.learner.updater import Updater
from nerture.core.network.parameters import Parameters
from nerture.errors import ModelFileError
from nerture.files.folders import replace_folder

STATE, POSITION = "state-{}.safetensors", "position.json"


@dataclass(slots=True)
class Position:
    """How far training has come. ``batch`` counts the finished batches of the epoch.

    The best model is the one with the lowest ``best_loss``: -log of the probability of what is known about
    the held-out texts, per word, after calibration.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    words: int = 0
    seconds: float = 0.0
    update_seconds: float = 0.0
    best_step: int = 0
    best_f1: float = 0.0
    best_loss: float = 0.0
    best_threshold: float = 0.5


def save_checkpoint(
    folder: Path, updater: Updater, best: Parameters, position: Position, pipeline: dict[str, Any]
) -> None:
    """Write the checkpoint; ``pipeline`` identifies the training that it belongs to."""
    with replace_folder(folder) as new:
        for name, parameters in {**updater.state, "best": best}.items():
            save_parameters(parameters, new / STATE.format(name))
        (new / POSITION).write_text(json.dumps({"position": asdict(position), "pipeline": pipeline}))


def load_checkpoint(folder: Path, updater: Updater, best: Parameters, pipeline: dict[str, Any]) -> Position:
    """Restore a checkpoint and return its position.

    Raises ``ModelFileError`` if there is none, it is damaged, or it belongs to another pipeline.
    """
    expected = json.loads(json.dumps(pipeline))
    try:
        saved = json.loads(read_json_text(folder, POSITION))
        position, found = Position(**saved["position"]), dict(saved["pipeline"])
    except FileNotFoundError as error:
        raise ModelFileError(f"{folder}: no checkpoint to resume from") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"{folder / POSITION}: damaged ({error})") from error
    if differing := sorted(key for key in {*expected, *found} if found.get(key) != expected.get(key)):
        raise ModelFileError(
            f"{folder}: the checkpoint belongs to another pipeline: {', '.join(differing)} changed since; "
            "train without --resume to start again"
        )
    shapes = best.shapes
    state = {name: load_parameters(folder / STATE.format(name), shapes) for name in updater.state}
    best.flat[:] = load_parameters(folder / STATE.format("best"), shapes).flat
    updater.restore(state, position.step)
    return position
