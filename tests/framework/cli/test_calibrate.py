"""``nerture calibrate``: the temperature of a model, and what it may replace."""

from __future__ import annotations

import json
import shutil

import pytest

import nerture


@pytest.fixture
def copy(model, tmp_path):
    return shutil.copytree(model, tmp_path / "copy")


def test_calibrate_saves_the_temperature_and_keeps_the_entities(run, copy, data, files_in):
    before, old = files_in(copy), nerture.load(copy).learner.calibration.temperature
    assert old != 1.0, "training calibrates on the texts that it holds out"
    result = run("calibrate", copy, data, "--json")
    assert result.code == 0
    assert set(result.json) == {
        "temperature",
        "offsets",
        "old_temperature",
        "old_offsets",
        "texts",
        "entities",
        "right",
        "before",
        "after",
    }
    assert result.json["old_temperature"] == old
    assert nerture.load(copy).learner.calibration.temperature == result.json["temperature"] != old
    assert run("evaluate", copy, data, "--json").json["ece"] == pytest.approx(result.json["after"]["ece"])
    meta = run("describe", copy, "--json").json["meta"]
    assert meta["calibration"]["temperature"] == result.json["temperature"]
    assert not {"ece", "brier", "reliability"} & meta["evaluation"].keys(), "they were of other probabilities"
    after = files_in(copy)
    assert {name for name in after if after[name] != before[name]} == {"meta.json"}
    assert f"Temperature {old:.3g} -> " in result.err
    assert result.json["before"]["brier"] != result.json["after"]["brier"]


def test_calibrate_into_another_folder_leaves_the_model(run, copy, data, tmp_path, files_in):
    before = files_in(copy)
    result = run("calibrate", copy, data, "-o", tmp_path / "new")
    assert result.code == 0
    assert "ECE" in result.out
    assert files_in(copy) == before
    old, new = nerture.load(copy), nerture.load(tmp_path / "new")
    assert new.learner.calibration != old.learner.calibration
    assert new("I take two aspirin daily .").spans == old("I take two aspirin daily .").spans


def test_calibrate_warns_of_too_few_or_one_sided_entities(run, copy, rows_file):
    right = rows_file("r.jsonl", [
        {"text": "I take two aspirin daily .", "spans": [{"start": 11, "end": 18, "label": "DRUG"}]}
    ])  # fmt: skip
    result = run("calibrate", copy, right)
    assert result.code == 0
    assert "all of them are right" in result.err
    wrong = rows_file("w.jsonl", [{"text": "I take two aspirin daily .", "spans": []}])
    result = run("calibrate", copy, wrong)
    assert "all of them are wrong" in result.err
    many = rows_file("m.jsonl", [json.loads(wrong.read_text())] * 300)
    assert "the temperature is at the end of its range" in run("calibrate", copy, many).err
    both = rows_file("b.jsonl", [json.loads(path.read_text()) for path in (right, wrong)])
    assert "Note: 2 entities give a rough estimate" in run("calibrate", copy, both).err


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no text to use"),
        ([{"text": "Nothing to see here .", "spans": []}], "finds no entity in these texts"),
        ([{"text": "", "spans": []}], "finds no entity in these texts"),
        ([{"text": "I take aspirin .", "spans": [], "complete": False}], "finds no entity"),
        ([{"text": "I take aspirin .", "spans": [{"start": 3, "end": 9, "label": "DRUG"}]}], ":1: "),
    ],
    ids=["nothing", "no entity", "empty text", "nothing known", "bad row"],
)
def test_calibrate_refuses_data_without_entities(run, copy, rows_file, files_in, rows, message):
    before = files_in(copy)
    result = run("calibrate", copy, rows_file("d.jsonl", rows), "--json")
    assert (result.code, result.out) == (1, "")
    assert message in result.err
    assert files_in(copy) == before


def test_calibrate_never_replaces_other_files(run, copy, data, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text.txt").write_text("years of work")
    assert run("calibrate", copy, data, "-o", tmp_path / "thesis").code == 1
    assert (tmp_path / "thesis" / "text.txt").read_text() == "years of work"
