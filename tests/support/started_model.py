"""The model that trainings start from, made once."""

from __future__ import annotations

import shutil

import pytest

from nerture.training import rehearsal
from nerture.training.train import train

from .updates import SURE, mapping, row, write

FAKE = """
import numpy as np
from nerture import hookimpl

CALLS = []

def make(options, services):
    def loss(scores, targets):
        CALLS.append(targets)
        return 0.0, np.zeros_like(scores.closed), np.zeros_like(scores.open)
    loss.calls = CALLS
    return loss

@hookimpl
def nerture_register_losses(register):
    register("fake_rehearse", make)
"""


@pytest.fixture(scope="package")
def started(tmp_path_factory):
    """A folder with a model that knows drugs and cities, and the texts that it learned from."""
    folder = tmp_path_factory.mktemp("started")
    write(folder / "gold.jsonl", [row(number) for number in range(48)])
    write(folder / "dev.jsonl", [row(number) for number in range(48, 60)])
    train(mapping(folder, train={"max_steps": 80, **SURE}), folder / "old")
    return folder


@pytest.fixture
def folder(started, tmp_path, monkeypatch):
    """A copy of that folder, with a loss that stands in for that of rehearsal."""
    monkeypatch.setattr(rehearsal, "LOSS", "fake_rehearse")
    copy = tmp_path / "copy"
    shutil.copytree(started, copy)
    (copy / "nerture_plugins.py").write_text(FAKE)
    days = [
        {"text": text["text"], "spans": [{"start": text["text"].index("day"), "end": len(text["text"]) - 1,
        "label": "DAY"}], "complete": ["DAY"]}
        for text in map(row, range(30))
    ]  # fmt: skip
    write(copy / "days.jsonl", days)
    return copy
