"""``nerture init``: a project that is ready to be trained."""

from __future__ import annotations

import yaml


def test_init_writes_the_starter_project_once(run, tmp_path):
    folder = tmp_path / "new" / "garden"
    result = run("init", folder)
    assert result.code == 0
    assert f"nerture train {folder / 'pipeline.yaml'}" in result.err
    assert {"pipeline.yaml", "training.jsonl"} <= {path.name for path in folder.iterdir()}
    assert run("check", folder / "pipeline.yaml").code == 0
    (folder / "pipeline.yaml").write_text("mine")
    assert run("init", folder).code == 1
    assert (folder / "pipeline.yaml").read_text() == "mine"
    assert [path.name for path in folder.parent.iterdir()] == ["garden"]


def test_init_writes_a_pipeline_for_own_data(run, tmp_path, data):
    folder = tmp_path / "own"
    assert run("init", folder, "--data", data, "--evaluate", data).code == 0
    config = yaml.safe_load((folder / "pipeline.yaml").read_text())
    assert config["labels"] == ["DRUG"]
    assert (folder / config["sources"][0]["path"]).resolve() == data.resolve()
    assert run("check", folder / "pipeline.yaml").code == 0
    assert (
        run("init", tmp_path / "two", "--data", data, "--labels", "A, B", "--patterns", "starter:units").code
        == 0
    )
    assert yaml.safe_load((tmp_path / "two" / "pipeline.yaml").read_text())["labels"] == ["A", "B"]


def test_init_quotes_labels_that_look_like_numbers(run, tmp_path, rows_file):
    labels = ["1E50", "089", "0o17", "NO"]
    rows = [{"text": "x y", "spans": [{"start": 0, "end": 1, "label": label}]} for label in labels]
    assert run("init", tmp_path / "own", "--data", rows_file("own.jsonl", rows)).code == 0
    config = yaml.safe_load((tmp_path / "own" / "pipeline.yaml").read_text())
    assert config["labels"] == labels
    done = run("check", tmp_path / "own" / "pipeline.yaml")
    assert done.code == 0, done.out
