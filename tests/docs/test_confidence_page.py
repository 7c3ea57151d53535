"""The page on confidence is true: its pipeline is valid, its example runs, its table adds up."""

from __future__ import annotations

import json
import re

import pytest
import yaml

import nerture
from nerture.config import load_config
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.hosting.manager import make_manager
from nerture.models.model import Model
from nerture.testing.samples import word_offsets

from ..support.repository import DOCS

PAGE = (DOCS / "confidence.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_the_pipeline_is_valid():
    (text,) = blocks("yaml")
    config = load_config(
        {"nerture": 1, "labels": ["A"], **yaml.safe_load(text)}, registry=make_manager().registry
    )
    assert [part.roles for part in config.matchers] == [("require",), ("forbid",)]


def test_the_row_is_json():
    (text,) = blocks("json")
    assert set(json.loads(text)) == {"text", "spans", "alternatives"}


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    learner = Learner(("PLANT", "PEST"), ModelSettings(width=8, depth=1, pieces=2, hidden=8), 3)
    learner.weights["closed.bias"] = [0, 0, 0, 3, 0]  # every word is a plant
    config = {"nerture": 1, "labels": ["PLANT", "PEST"], "tokenizer": {"use": "whitespace"}}
    Model(learner, word_offsets, config).save(tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    exec(code, {})
    assert capsys.readouterr().out.startswith("Slugs PLANT 0.")
    assert nerture.load("model")("Slugs", thresholds={"PEST": 0.3}).spans


def test_the_table_adds_up():
    table = PAGE[PAGE.index("  probability   found") :]
    rows = [
        (int(found), float(mean), float(right))
        for found, mean, right in re.findall(r"  0\.\d to \d\.\d +(\d+) +([\d.]+) +([\d.]+)", table)
    ]
    total, mean, right = re.search(r"  all +(\d+) +([\d.]+) +([\d.]+)", table).groups()
    ece, brier = re.search(r"ECE ([\d.]+), Brier ([\d.]+)", table).groups()
    assert sum(found for found, _, _ in rows) == int(total)
    assert sum(found * mean for found, mean, _ in rows) / int(total) == pytest.approx(float(mean), abs=0.06)
    assert sum(found * right for found, _, right in rows) / int(total) == pytest.approx(
        float(right), abs=0.06
    )
    distance = sum(found * abs(mean - right) for found, mean, right in rows) / int(total)
    assert distance == pytest.approx(float(ece), abs=0.06)
    least = sum(  # of probabilities that are all alike in their row
        found * (right * (100 - mean) ** 2 + (100 - right) * mean**2) / 1e6 for found, mean, right in rows
    )
    assert least / int(total) == pytest.approx(float(brier), abs=0.002)
