"""Pipelines that go on from a model of drugs and cities with a third label, and the texts of both."""

from __future__ import annotations

import json

from .tiny_corpus import NAMES, PLACES

SURE = {"dropout": 0.0, "word_dropout": 0.0, "weight_decay": 0.01}
"""Settings that let a small corpus be learned by heart."""
SHAPE = {"width": 16, "depth": 1, "pieces": 2, "hidden": 8}


def row(number, labels=("DRUG", "CITY")):
    name, place = NAMES[number % 5], PLACES[number % 3]
    text = f"She took {name} in {place} on day {number}."
    spans = [(text.index(name), name, "DRUG"), (text.index(place), place, "CITY")]
    return {
        "text": text,
        "spans": [
            {"start": start, "end": start + len(form), "label": label}
            for start, form, label in spans
            if label in labels
        ],
    }


def write(path, rows):
    path.write_text("\n".join(map(json.dumps, rows)))


def mapping(folder, **changes):
    settings = {"batch_words": 120, "evaluate_every": 4, "max_steps": 12, "learn_rate": 0.01}
    return {
        "nerture": 1,
        "labels": ["DRUG", "CITY"],
        "model": SHAPE,
        "sources": [{"use": "gold", "path": str(folder / "gold.jsonl")}],
        "train": settings | changes.pop("train", {}),
        "evaluate": {"use": "gold", "path": str(folder / "dev.jsonl")},
        **changes,
    }


def update(folder, **changes):
    """Write a pipeline that goes on from the model, and return its file (JSON is YAML)."""
    config = {
        **mapping(folder),
        "labels": ["DAY", "CITY", "DRUG"],
        "start": "old",
        "sources": [{"use": "gold", "path": "days.jsonl"}],
        "evaluate": {"use": "gold", "path": "dev.jsonl", "complete": ["DRUG", "CITY"]},
        **changes,
    }
    del config["model"]
    path = folder / "update.yaml"
    path.write_text(json.dumps({key: value for key, value in config.items() if value != "unsaid"}, indent=1))
    return path
