"""The learner on disk.

``model.safetensors`` holds the weights, ``vocabulary.safetensors`` what it has met of words, ``meta.json``
what it takes to read them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from nerture.core.errors import ModelFileError, NertureError, SettingError
from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.core.learner.quantization import PRECISIONS, Precision, pack, stored_shapes, unpack
from nerture.core.network.network import shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings
from nerture.core.network.vocabulary import Vocabulary

FORMAT = 5
"""Format 5 has ``offsets`` (none before); format 4 has a vocabulary (before, the model saw all of every
word); format 3 has ``precision`` (f32 before); format 2 has ``temperature`` (1 in format 1), ``threshold``
(0.5), and matchers that are no features."""

MAX_WEIGHT = 1e6
"""Weights beyond this were never learned, and their products may leave the range of float32."""

MAX_TEMPERATURE = 1e3
"""And 1 over it the least: calibration stays far within, and scores divided by it are finite."""

MAX_OFFSET = 100.0
"""And it below 0 the least: calibration stays far within."""

WEIGHTS, VOCABULARY, META = "model.safetensors", "vocabulary.safetensors", "meta.json"


def save_parameters(parameters: Parameters, path: Path, precision: Precision = "f32") -> None:
    """Write the blocks to a safetensors file; raises ``OSError`` when the disk refuses.

    ``precision`` is how they are stored (``precision.pack``).
    """
    path.write_bytes(save(pack(parameters, precision)))


def _arrays(
    path: Path, expected: Mapping[str, tuple[tuple[int, ...] | None, Any]], what: str
) -> dict[str, Any]:
    """Read arrays of exactly these names, shapes (None: any) and dtypes; ``what`` they are, for messages."""
    arrays = {}
    try:
        with safe_open(path, framework="numpy") as file:
            found = set(file.keys())
            if found != set(expected):
                odd = sorted(found ^ set(expected))
                raise ModelFileError(f"{path}: not the blocks of this model: {', '.join(odd[:5])}")
            for name, (shape, dtype) in expected.items():
                block = file.get_tensor(name)
                if shape is not None and block.shape != shape:
                    raise ModelFileError(f"{path}: block {name} has shape {block.shape}, expected is {shape}")
                if block.dtype != dtype:
                    raise ModelFileError(
                        f"{path}: block {name} holds {block.dtype}, {what} expects {np.dtype(dtype)}"
                    )
                arrays[name] = block
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{path}: no such file; a model folder holds {WEIGHTS}, {VOCABULARY} and {META}"
        ) from error
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        # of AttributeErrors: safetensors meets a type of numbers that numpy does not have
        raise ModelFileError(f"{path}: damaged, or not a safetensors file ({error})") from error
    return arrays


def load_parameters(
    path: Path, expected: Mapping[str, tuple[int, ...]], precision: Precision = "f32"
) -> Parameters:
    """Read blocks of exactly these names and shapes, stored in this precision, as float32.

    Raises ``ModelFileError`` when the file is missing, damaged, or holds anything else.
    """
    arrays = _arrays(path, stored_shapes(expected, precision), precision)
    with np.errstate(over="ignore"):  # what is too large is refused below
        parameters = unpack(arrays, expected)
    if not np.isfinite(parameters.flat).all():
        raise ModelFileError(f"{path}: damaged: it holds numbers that are not finite")
    return parameters


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write a vocabulary to a safetensors file; raises ``OSError`` when the disk refuses."""
    path.write_bytes(save({"values": vocabulary.values, "counts": vocabulary.counts}))


def load_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary; raises ``ModelFileError`` for a file that is missing, damaged, or another one."""
    arrays = _arrays(path, {"values": (None, np.uint64), "counts": (None, np.uint8)}, "a vocabulary")
    try:
        return Vocabulary(arrays["values"], arrays["counts"])
    except SettingError as error:
        raise ModelFileError(f"{path}: damaged: {error}") from error


def save_learner(learner: Learner, folder: Path, extra: Mapping[str, Any]) -> None:
    """Write the learner into an existing folder; ``extra`` joins the description in ``meta.json``."""
    save_parameters(learner.weights, folder / WEIGHTS, learner.precision)
    vocabulary = learner.vocabulary
    if vocabulary is not None:
        save_vocabulary(vocabulary, folder / VOCABULARY)
    meta = {
        "format": FORMAT,
        "labels": list(learner.labels),
        "longest_entity": learner.longest,
        "match_features": learner.match_features is not None,
        "offsets": dict(learner.calibration.offsets),
        "precision": learner.precision,
        "settings": asdict(learner.settings),
        "temperature": learner.calibration.temperature,
        "threshold": learner.threshold,
        "vocabulary": vocabulary is not None,
        **extra,
    }
    text = json.dumps(meta, indent=2, ensure_ascii=False, sort_keys=True)
    (folder / META).write_text(text + "\n", encoding="utf-8")


def load_meta(folder: Path) -> dict[str, Any]:
    """Read ``meta.json``; raises ``ModelFileError`` when it is missing, damaged, or of a newer format."""
    path = folder / META
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelFileError(f"{folder}: not a model folder: it has no {META}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: damaged ({error})") from error
    if not isinstance(meta, dict) or not isinstance(meta.get("format"), int):
        raise ModelFileError(f"{path}: damaged, or not the description of a nerture model")
    if meta["format"] > FORMAT:
        raise ModelFileError(
            f"{path}: format {meta['format']}, this version of nerture reads up to {FORMAT}: "
            "it was saved by a newer one"
        )
    labels, files = meta.get("labels"), meta.get("files", {})
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ModelFileError(f"{path}: damaged: labels: expected a list of names, got {labels!r:.80}")
    if not isinstance(files, dict) or not all(isinstance(place, str) for place in files.values()):
        raise ModelFileError(f"{path}: damaged: files: expected a mapping of paths, got {files!r:.80}")
    return meta


def load_learner(
    folder: Path, meta: Mapping[str, Any], match_features: MatchFeatures | None = None
) -> Learner:
    """Read the learner that ``meta`` describes; raises ``ModelFileError`` when the two do not fit."""
    try:
        settings = ModelSettings(**meta["settings"])
        labels, longest = _labels(meta["labels"]), int(meta["longest_entity"])
        if bool(meta["match_features"]) != (match_features is not None):
            raise ValueError("match_features and the pipeline's matchers do not go together")
        blocks = shapes(settings, len(labels), bool(meta["match_features"]))
        threshold = float(meta.get("threshold", 0.5))
        if not 0 < threshold < 1:
            raise ValueError(f"threshold {threshold}")
        precision = meta.get("precision", "f32")
        if precision not in PRECISIONS:
            raise ValueError(f"precision {precision!r}")
        weights = load_parameters(folder / WEIGHTS, blocks, precision)
        largest = max(weights.flat.max(), -weights.flat.min())
        if largest > MAX_WEIGHT:
            raise ModelFileError(
                f"{folder / WEIGHTS}: damaged: it holds {largest:.3g}, allowed is up to {MAX_WEIGHT:g}"
            )
        told = meta.get("vocabulary", False)
        if not isinstance(told, bool):
            raise ValueError(f"vocabulary {told!r}")
        vocabulary = load_vocabulary(folder / VOCABULARY) if told else None
        return Learner(
            labels, settings, longest, weights=weights, match_features=match_features,
            calibration=_calibration(meta, labels), threshold=threshold, precision=precision,
            vocabulary=vocabulary,
        )  # fmt: skip
    except ModelFileError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, NertureError) as error:
        raise ModelFileError(f"{folder / META}: damaged ({error!r})") from error


def _calibration(meta: Mapping[str, Any], labels: Sequence[str]) -> Calibration:
    temperature = float(meta.get("temperature", 1.0))
    if not 1 / MAX_TEMPERATURE <= temperature <= MAX_TEMPERATURE:
        raise ValueError(f"temperature {temperature}")
    offsets = {label: float(offset) for label, offset in dict(meta.get("offsets", {})).items()}
    if not all(label in labels and abs(offset) <= MAX_OFFSET for label, offset in offsets.items()):
        raise ValueError(f"offsets {offsets!r:.80}")
    return Calibration(temperature, offsets)


def _labels(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
        raise ValueError(f"labels: expected a list of names, got {found!r:.80}")
    return tuple(found)
