"""The learner on disk.

``model.safetensors`` holds the weights, ``vocabulary.safetensors`` the known words, ``meta.json`` what is
needed to read them.
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
from nerture.core.folder_files import locate, read_json_text
from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner, MatchFeatures
from nerture.core.learner.quantization import PRECISIONS, Precision, pack, storage_shapes, unpack
from nerture.core.network.network import shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings
from nerture.core.network.vocabulary import Vocabulary

FORMAT = 5
"""Format 5 added ``offsets`` (none before); format 4 the vocabulary (before, unknown words were treated like
known ones); format 3 ``precision`` (f32 before); format 2 ``temperature`` (1 before), ``threshold`` (0.5
before), and matchers that are not features."""

MAX_WEIGHT = 1e6
"""Larger weights are never learned, and their products could exceed the range of float32."""

MAX_TEMPERATURE = 1e3
"""The minimum is 1 / MAX_TEMPERATURE. Calibration stays far within, and scaled scores stay finite."""

MAX_OFFSET = 100.0
"""The minimum is -MAX_OFFSET. Calibration stays far within."""

WEIGHTS, VOCABULARY, META = "model.safetensors", "vocabulary.safetensors", "meta.json"


def save_parameters(parameters: Parameters, path: Path, precision: Precision = "f32") -> None:
    """Write the blocks to a safetensors file in this precision; raises ``OSError`` if writing fails."""
    path.write_bytes(save(pack(parameters, precision)))


def _read_arrays(
    path: Path, expected: Mapping[str, tuple[tuple[int, ...] | None, Any]], content: str
) -> dict[str, Any]:
    """Read arrays of exactly these names, shapes (None: any) and dtypes; messages call them ``content``."""
    arrays = {}
    try:
        with safe_open(locate(path.parent, path.name, str(path)), framework="numpy") as file:
            difference = sorted(set(file.keys()) ^ set(expected))
            if difference:
                raise ModelFileError(f"{path}: not the blocks of this model: {', '.join(difference[:5])}")
            for name, (shape, dtype) in expected.items():
                block = file.get_tensor(name)
                if shape is not None and block.shape != shape:
                    raise ModelFileError(f"{path}: block {name}: expected shape {shape}, got {block.shape}")
                if block.dtype != dtype:
                    raise ModelFileError(
                        f"{path}: block {name}: expected {np.dtype(dtype)} for {content}, got {block.dtype}"
                    )
                arrays[name] = block
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{path}: no such file; a model folder holds {WEIGHTS}, {VOCABULARY} and {META}"
        ) from error
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        # safetensors raises AttributeError for a number type that numpy does not have
        raise ModelFileError(f"{path}: damaged, or not a safetensors file ({error})") from error
    return arrays


def load_parameters(
    path: Path, expected: Mapping[str, tuple[int, ...]], precision: Precision = "f32"
) -> Parameters:
    """Read blocks of exactly these names and shapes, stored in this precision, as float32.

    Raises ``ModelFileError`` if the file is missing or damaged, holds anything else, or is not a regular file
    within its folder.
    """
    arrays = _read_arrays(path, storage_shapes(expected, precision), f"precision {precision}")
    with np.errstate(over="ignore"):  # overflow is refused below
        parameters = unpack(arrays, expected)
    if not np.isfinite(parameters.flat).all():
        raise ModelFileError(f"{path}: damaged: it holds numbers that are not finite")
    return parameters


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write a vocabulary to a safetensors file; raises ``OSError`` if writing fails."""
    path.write_bytes(save({"values": vocabulary.values, "counts": vocabulary.counts}))


def load_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary; raises ``ModelFileError`` if the file is missing, damaged or not a vocabulary."""
    arrays = _read_arrays(path, {"values": (None, np.uint64), "counts": (None, np.uint8)}, "a vocabulary")
    try:
        return Vocabulary(arrays["values"], arrays["counts"])
    except SettingError as error:
        raise ModelFileError(f"{path}: damaged: {error}") from error


def save_learner(learner: Learner, folder: Path, extra: Mapping[str, Any]) -> None:
    """Write the learner to an existing folder; ``extra`` is added to ``meta.json``."""
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
    """Read ``meta.json``.

    Raises ``ModelFileError`` if it is missing, damaged, of a newer format, or no regular file of the folder.
    """
    path = folder / META
    try:
        meta = json.loads(read_json_text(folder, META))
    except FileNotFoundError as error:
        raise ModelFileError(f"{folder}: not a model folder: it has no {META}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: damaged ({error})") from error
    if not isinstance(meta, dict) or not isinstance(meta.get("format"), int):
        raise ModelFileError(f"{path}: damaged, or not the description of a nerture model")
    if meta["format"] > FORMAT:
        raise ModelFileError(
            f"{path}: expected a format up to {FORMAT}, got {meta['format']}: "
            "it was saved by a newer version of nerture"
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
    """Read the learner that ``meta`` describes; raises ``ModelFileError`` if the two do not fit."""
    try:
        settings = ModelSettings(**meta["settings"])
        labels, longest = _read_labels(meta["labels"]), int(meta["longest_entity"])
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
                f"{folder / WEIGHTS}: damaged: expected weights up to {MAX_WEIGHT:g}, got {largest:.3g}"
            )
        has_vocabulary = meta.get("vocabulary", False)
        if not isinstance(has_vocabulary, bool):
            raise ValueError(f"vocabulary {has_vocabulary!r}")
        vocabulary = load_vocabulary(folder / VOCABULARY) if has_vocabulary else None
        return Learner(
            labels, settings, longest, weights=weights, match_features=match_features,
            calibration=_read_calibration(meta, labels), threshold=threshold, precision=precision,
            vocabulary=vocabulary,
        )  # fmt: skip
    except ModelFileError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, NertureError) as error:
        raise ModelFileError(f"{folder / META}: damaged ({error!r})") from error


def _read_calibration(meta: Mapping[str, Any], labels: Sequence[str]) -> Calibration:
    temperature = float(meta.get("temperature", 1.0))
    if not 1 / MAX_TEMPERATURE <= temperature <= MAX_TEMPERATURE:
        raise ValueError(f"temperature {temperature}")
    offsets = {label: float(offset) for label, offset in dict(meta.get("offsets", {})).items()}
    if not all(label in labels and abs(offset) <= MAX_OFFSET for label, offset in offsets.items()):
        raise ValueError(f"offsets {offsets!r:.80}")
    return Calibration(temperature, offsets)


def _read_labels(labels: Any) -> tuple[str, ...]:
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"labels: expected a list of names, got {labels!r:.80}")
    return tuple(labels)
