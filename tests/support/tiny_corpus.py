"""A tiny corpus of two labels, and a pipeline that trains on it in a second."""

from __future__ import annotations

import json

NAMES = ["Aspirin", "Ibuprofen", "Paracetamol", "Vitamin C", "Codeine"]
PLACES = ["Rome", "Oslo", "Lima"]


def row(number, labels=("DRUG", "CITY")):
    name, place = NAMES[number % 5], PLACES[number % 3]
    if number % 7 == 0:
        return {"text": f"Nothing happened on day {number}.", "spans": []}
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


def pipeline(folder, **changes):
    train_settings = {
        "batch_words": 120,
        "evaluate_every": 4,
        "max_steps": 12,
        "learn_rate": 0.01,
        **changes.pop("train", {}),
    }
    return {
        "nerture": 1,
        "labels": ["DRUG", "CITY"],
        "tokenizer": {"use": "english"},
        "model": {"width": 16, "depth": 1, "pieces": 2, "hidden": 8},
        "sources": [{"use": "gold", "path": str(folder / "gold.jsonl")}],
        "train": train_settings,
        "evaluate": {"use": "gold", "path": str(folder / "dev.jsonl")},
        **changes,
    }


def write_corpus(folder):
    """Write ``gold.jsonl`` and ``dev.jsonl``."""
    rows = [json.dumps(row(number)) for number in range(60)]
    (folder / "gold.jsonl").write_text("\n".join(rows[:48]))
    (folder / "dev.jsonl").write_text("\n".join(rows[48:]))
    return folder
