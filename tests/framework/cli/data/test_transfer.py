"""``nerture data import`` and ``export``: datasets in and out."""

from __future__ import annotations

import gzip
import json

from ....support.datasets import ROWS


def test_what_was_imported_is_exported_unchanged(run, clicks, tmp_path):
    assert run("data", "export", "clicks").out == clicks.read_text().replace("\\u00e9", "é")
    result = run("data", "export", "clicks", "-o", tmp_path / "out.jsonl.gz", "--json")
    assert result.json == {"dataset": "clicks", "answers": 3, "output": str(tmp_path / "out.jsonl.gz")}
    with gzip.open(tmp_path / "out.jsonl.gz", "rt") as file:
        assert [json.loads(line) for line in file] == ROWS
    assert run("data", "export", "clicks", "--answer", "reject").rows == ROWS[1:2]
    assert run("data", "export", "clicks", "--annotator", "ann").rows == ROWS[1:2]


def test_real_answers_are_exported_unchanged(run, real_data, tmp_path):
    (file,) = (real_data / "reddit_product").glob("*.jsonl")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    result = run("data", "import", "reddit", file, "--json")
    assert result.json == {"dataset": "reddit", "saved": len(rows), "known": 0, "skipped": 0}
    exported = run("data", "export", "reddit").out.splitlines()
    assert [json.dumps(json.loads(line)) for line in exported] == [json.dumps(row) for row in rows]
    counted = run("data", "stats", "reddit", "--json").json
    assert counted["verdicts"] == {"reject": 1276, "accept": 438, "ignore": 86}


def test_importing_again_counts_known_rows(run, clicks, rows_file):
    result = run("data", "import", "clicks", clicks, rows_file("more.jsonl", [*ROWS, {"text": "New."}]))
    assert result.code == 0
    assert "Saved 1 answer in clicks" in result.err
    assert "; 6 already there" in result.err


def test_import_takes_standard_input_and_other_formats(run, tmp_path):
    text = "Two\tO\naspirin\tB-DRUG\n\n"
    assert run("data", "import", "a", "-", "--format", "conll", stdin=text.encode()).code == 0
    (row,) = run("data", "export", "a").rows
    assert row["text"] == "Two aspirin"
    assert row["spans"] == [{"start": 4, "end": 11, "label": "DRUG"}]
    assert [token["text"] for token in row["tokens"]] == ["Two", "aspirin"]


def test_bad_rows_are_listed_and_nothing_is_imported(run, rows_file, own_store):
    file = rows_file("bad.jsonl", [ROWS[0], "{", {"text": 3}])
    result = run("data", "import", "clicks", file)
    assert result.code == 1
    assert "bad.jsonl:2: not JSON" in result.err
    assert "bad.jsonl:3: text: expected a string, got a number" in result.err
    assert not own_store.exists()
    result = run("data", "import", "clicks", file, "--skip-bad", "--json")
    assert result.json == {"dataset": "clicks", "saved": 1, "known": 0, "skipped": 2}
    assert "Skipped 2 bad rows" in result.err


def test_export_of_an_unknown_dataset_leaves_the_file_as_it_is(run, clicks, tmp_path):
    (tmp_path / "out.jsonl").write_text("mine")
    result = run("data", "export", "click", "-o", tmp_path / "out.jsonl")
    assert result.code == 1
    assert "no dataset 'click'; did you mean clicks?" in result.err
    assert (tmp_path / "out.jsonl").read_text() == "mine"


def test_datasets_are_in_postgresql_by_its_url(run, cluster, rows_file):
    url = cluster.new_database().replace("nerture@", "nerture:secret@")
    result = run("data", "import", "clicks", rows_file("clicks.jsonl", ROWS), "--store", url)
    assert result.code == 0
    assert "Saved 3 answers in clicks (postgresql+psycopg://nerture:***@" in result.err
    assert run("data", "export", "clicks", "--store", url).rows == ROWS
    assert "secret" not in run("data", "list", "--store", url).out
    assert run("data", "drop", "clicks", "--store", url, "--yes").code == 0
    assert run("data", "list", "--store", url, "--json").json["datasets"] == []
    result = run("data", "list", "--store", url.replace("/store", "/nothing"))
    assert result.code == 1
    assert "does not exist" in result.err
    assert "secret" not in result.err
