"""The command line in this process, a small project, and a model trained on it once."""

from __future__ import annotations

import io
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from nerture.cli.exit_codes import run as run_cli

DRUGS = ("aspirin", "ibuprofen", "codeine", "morphine", "valium", "ketamine")
FRAMES = (
    "I take two {} daily .",
    "My doctor gave me {} and {} .",
    "Nothing to see here .",
    "Never mix {} with water .",
)
TEXTS = [
    "I take two aspirin daily .", "Nothing to see here .", "My doctor gave me codeine and valium .",
    "Never mix aspirin with water .", "It rained all day .", "Two valium and a morphine .",
    "The morphine was late .", "Never again .", "I take codeine daily .", "Nothing happened .",
]  # fmt: skip
"""What sessions are about."""

SMALL = {
    "model": {"width": 16, "depth": 1, "hidden": 8},
    "train": {
        "max_steps": 26,
        "evaluate_every": 13,
        "batch_words": 100,
        "learn_rate": 0.02,
        "dropout": 0.0,
        "word_dropout": 0.0,
        "attribute_dropout": 0.0,
        "weight_decay": 0.01,
    },
}
"""Settings of a learner that trains in a second."""


def row(frame: str, rng: random.Random) -> dict:
    text, spans = "", []
    first, *rest = frame.split("{}")
    text += first
    for piece in rest:
        drug = rng.choice(DRUGS)
        spans.append({"start": len(text), "end": len(text) + len(drug), "label": "DRUG"})
        text += drug + piece
    return {"text": text, "spans": spans}


def corpus(count: int = 60) -> list[dict]:
    rng = random.Random(0)
    return [row(rng.choice(FRAMES), rng) for _ in range(count)]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self):
        """What standard output holds, which must be one JSON value and nothing else."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command: ``run("apply", model, "-", stdin=b"...")``."""

    def run(*arguments, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run_cli([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Result(code, out, err)

    return run


def write_rows(path: Path, rows) -> Path:
    """Write JSON lines; a string or bytes stand as they are."""
    with path.open("wb") as file:
        for item in rows:
            text = item if isinstance(item, str | bytes) else json.dumps(item)
            file.write((text if isinstance(text, bytes) else text.encode()) + b"\n")
    return path


def write_project(folder: Path, rows=None, **changes) -> Path:
    """Write a pipeline and its data into ``folder``; return the pipeline file (JSON is YAML)."""
    folder.mkdir(exist_ok=True)
    write_rows(folder / "data.jsonl", corpus() if rows is None else rows)
    config = {
        "nerture": 1,
        "labels": ["DRUG"],
        "sources": [{"use": "gold", "path": "data.jsonl"}],
        **SMALL,
        **changes,
    }
    path = folder / "pipeline.yaml"
    path.write_text(json.dumps(config, indent=1))
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """The folder of a small project: pipeline.yaml, data.jsonl, and model, trained by the command."""
    folder = tmp_path_factory.mktemp("project")
    assert run_cli(["train", str(write_project(folder)), "-q"]) == 0
    return folder


@pytest.fixture(scope="session")
def model(trained) -> Path:
    return trained / "model"


@pytest.fixture
def data(trained) -> Path:
    return trained / "data.jsonl"


@pytest.fixture
def corpus_rows() -> list[dict]:
    return corpus()


@pytest.fixture
def rows_file(tmp_path):
    """Write rows as a file of that name."""
    return lambda name, rows: write_rows(tmp_path / name, rows)


@pytest.fixture
def project(tmp_path):
    """Write a project; return its pipeline file, and a function that says whether the folder is as it was."""

    def project(rows, **changes):
        folder = tmp_path / "project"
        path = write_project(folder, rows, **changes)
        before = contents(folder)
        return path, lambda: contents(folder) == before

    return project


@pytest.fixture
def files_in():
    return contents


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
