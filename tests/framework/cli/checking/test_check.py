"""``nerture check``: what it shows, and the copies that it mends."""

from __future__ import annotations

import json


def test_check_fix_writes_a_copy_and_shows_the_diff(run, rows_file, tmp_path):
    row = {"text": "Took aspirin .", "spans": [{"start": 4, "end": 12, "label": "DRUG"}]}
    path = rows_file("d.jsonl", [row, "{"])
    before = path.read_bytes()
    result = run("check", path, "--fix")
    assert result.code == 1
    assert f"{path}:1: error: " in result.out
    assert "@@ -1 +1 @@" in result.out
    fixed = json.loads((tmp_path / "d.fixed.jsonl").read_text())
    assert (fixed["spans"][0]["start"], fixed["spans"][0]["end"]) == (5, 12)
    assert (tmp_path / "d.aside.jsonl").read_text() == "{\n"
    assert path.read_bytes() == before
    assert run("check", tmp_path / "d.fixed.jsonl").code == 0


def test_check_fix_of_a_pipeline_repairs_its_files(run, project):
    row = {"text": "Took aspirin .", "spans": [{"start": 4, "end": 12, "label": "DRUG"}]}
    pipeline, _ = project([row])
    result = run("check", pipeline, "--fix", "--json")
    assert result.code == 1
    assert [error["line"] for error in result.json["errors"]] == [1]
    assert (pipeline.parent / "data.fixed.jsonl").is_file()


def test_check_limits_the_findings_of_a_kind(run, rows_file):
    path = rows_file("d.jsonl", ["{"] * 30)
    assert "and 10 more of [bad-json] (--all shows them)" in run("check", path).out
    assert run("check", path, "--all").out.count("[bad-json]") == 30
    assert len(run("check", path, "--json").json["errors"]) == 30
