"""A pipeline whose sources are datasets: checked, trained from, and told where its faults are."""

from __future__ import annotations

import pytest

from ...support.command_line import corpus, write_project, write_rows
from ...support.datasets import ROWS

pytestmark = pytest.mark.usefixtures("own_store")


def test_a_pipeline_trains_and_is_checked_from_datasets(run, tmp_path, rows_file, own_store, monkeypatch):
    gold = rows_file("gold.jsonl", corpus())
    run("data", "import", "gold", gold)
    run("data", "import", "clicks", rows_file("clicks.jsonl", ROWS))
    sources = [{"use": "gold", "dataset": "gold"}, {"use": "answers", "dataset": "clicks"}]
    pipeline = write_project(
        tmp_path / "project", sources=sources, evaluate={"use": "gold", "path": "../gold.jsonl"}
    )
    assert run("check", pipeline).code == 0
    assert run("train", pipeline, "-q").code == 0
    monkeypatch.delenv("NERTURE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "empty"))
    result = run("train", pipeline, "-q")
    assert result.code == 1
    assert "does not exist" in result.err
    assert run("train", pipeline, "-q", "--store", own_store).code == 0
    assert run("check", pipeline, "--store", own_store).code == 0


def test_faults_of_a_dataset_name_the_row(run, rows_file, tmp_path):
    rows = [ROWS[0], {"text": "b", "answer": "accept", "spans": [{"start": 0, "end": 1, "label": "THING"}]}]
    run("data", "import", "clicks", write_rows(tmp_path / "clicks.jsonl", rows))
    pipeline = write_project(tmp_path / "project", sources=[{"use": "answers", "dataset": "clicks"}])
    result = run("check", pipeline)
    assert result.code == 1
    assert "dataset clicks:2" in result.out + result.err


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ({"use": "answers"}, "expected exactly one of path and dataset"),
        ({"use": "gold", "path": "data.jsonl", "dataset": "a"}, "expected exactly one of path and dataset"),
        ({"use": "gold", "dataset": "a", "format": "jsonl"}, "format goes with path"),
    ],
)
def test_a_source_has_either_a_path_or_a_dataset(run, tmp_path, source, wanted):
    result = run("check", write_project(tmp_path / "project", sources=[source]))
    assert result.code == 1
    assert wanted in result.out + result.err
    assert "sources[0]" in result.out + result.err
