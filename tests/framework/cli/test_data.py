"""`nerture data`: datasets in and out, looked at, put together, dropped; and trained from."""

from __future__ import annotations

import gzip
import json

import pytest

from .conftest import corpus, write_project, write_rows

ROWS = [
    {"text": "Took two aspirin.", "spans": [{"start": 9, "end": 16, "label": "DRUG"}], "answer": "accept"},
    {"text": "Took a walk.", "spans": [{"start": 5, "end": 11, "label": "DRUG"}], "answer": "reject",
     "_annotator_id": "ann", "_timestamp": 1700000000, "meta": {"é": None}},
    {"text": "Nothing.", "answer": "ignore"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Each test has a store of its own."""
    monkeypatch.setenv("NERTURE_STORE", str(tmp_path / "store.sqlite"))
    return tmp_path / "store.sqlite"


@pytest.fixture
def clicks(run, rows_file):
    file = rows_file("clicks.jsonl", ROWS)
    assert run("data", "import", "clicks", file).code == 0
    return file


@pytest.mark.parametrize("name", ["list", "show", "stats", "import", "export", "merge", "drop"])
def test_each_has_a_help_with_examples(run, name):
    result = run("data", name, "--help")
    assert result.code == 0
    assert f"Examples:\n    nerture data {name}" in result.out
    assert "--store" in result.out
    assert "With --json" in result.out


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


def test_importing_again_says_what_is_known(run, clicks, rows_file):
    result = run("data", "import", "clicks", clicks, rows_file("more.jsonl", [*ROWS, {"text": "New."}]))
    assert result.code == 0
    assert "Saved 1 answer in clicks" in result.err
    assert "; 6 were there already" in result.err


def test_import_takes_standard_input_and_other_formats(run, tmp_path):
    text = "Two\tO\naspirin\tB-DRUG\n\n"
    assert run("data", "import", "a", "-", "--format", "conll", stdin=text.encode()).code == 0
    (row,) = run("data", "export", "a").rows
    assert row["text"] == "Two aspirin"
    assert row["spans"] == [{"start": 4, "end": 11, "label": "DRUG"}]
    assert [token["text"] for token in row["tokens"]] == ["Two", "aspirin"]


def test_bad_rows_are_listed_and_nothing_comes_in(run, rows_file, place):
    file = rows_file("bad.jsonl", [ROWS[0], "{", {"text": 3}])
    result = run("data", "import", "clicks", file)
    assert result.code == 1
    assert "bad.jsonl:2: not JSON" in result.err
    assert "bad.jsonl:3: text is a number" in result.err
    assert not place.exists()
    result = run("data", "import", "clicks", file, "--skip-bad", "--json")
    assert result.json == {"dataset": "clicks", "saved": 1, "known": 0, "skipped": 2}
    assert "Skipped 2 bad rows" in result.err


def test_list_counts(run, clicks, place):
    shown = run("data", "list")
    assert "clicks" in shown.out
    assert "1 dataset in" in shown.out
    (found,) = run("data", "list", "--json").json["datasets"]
    assert (found["name"], found["answers"], found["sessions"]) == ("clicks", 3, 0)
    assert run("data", "list", "--store", f"sqlite:///{place}").code == 0


def test_show_marks_what_was_answered_about(run, clicks):
    assert run("data", "show", "clicks").out.splitlines() == [
        "+ Took two [aspirin DRUG].",
        "- Took [a walk DRUG].  (ann)",
        "? Nothing.",
    ]
    assert run("data", "show", "clicks", "-n", "1", "--json").json == {
        "dataset": "clicks",
        "answers": ROWS[2:],
    }


def test_show_survives_rows_of_any_kind_and_steers_no_terminal(run, rows_file):
    rows = [
        {"text": "a b", "answer": "accept", "spans": [{"start": 0, "end": 3, "label": "A"},
                                                      {"start": 2, "end": 3, "label": "B"}]},
        {"text": "red \x1b[31m", "answer": "accept"},
    ]  # fmt: skip
    run("data", "import", "odd", rows_file("odd.jsonl", rows))
    assert run("data", "show", "odd").out == "+ [a b A]\n    also [b B]\n+ red ␛[31m\n"


def test_stats_count(run, clicks):
    counted = run("data", "stats", "clicks", "--json").json
    assert counted["verdicts"] == {"accept": 1, "reject": 1, "ignore": 1}
    assert counted["labels"] == {"DRUG": {"accept": 1, "reject": 1}}
    shown = run("data", "stats", "clicks").out
    assert "3 (accept 1, reject 1, ignore 1)" in shown
    assert "2023-11-14 22:13" in shown


def answered(text, annotator, answer, spans=(), **more):
    made = [{"start": start, "end": end, "label": "DRUG"} for start, end in spans]
    return {"text": text, "spans": made, "answer": answer, "_annotator_id": annotator, **more}


def test_stats_say_how_far_annotators_agree(run, rows_file):
    binary, whole = {"_is_binary": True}, {"_view_id": "ner_manual"}
    rows = [
        answered("Two aspirin.", "ann", "accept", [(4, 11)], **binary),
        answered("Two aspirin.", "bob", "accept", [(4, 11)], **binary),
        answered("Two teas.", "ann", "accept", [(4, 8)], **binary),
        answered("Two teas.", "bob", "reject", [(4, 8)], **binary),
        answered("Two teas.", "cyd", "ignore", [(4, 8)], **binary),
        answered("No codeine", "ann", "accept", [(3, 10)], **whole),
        answered("No codeine", "bob", "accept", [], **whole),
        answered("No codeine", "cyd", "accept", [(3, 10)], complete=True),
        answered("Said by one.", "ann", "accept", [], **whole),
        answered("Nobody knows what was asked.", "ann", "accept", []),
        answered("Nobody knows what was asked.", "bob", "accept", []),
    ]
    run("data", "import", "both", rows_file("both.jsonl", rows))
    told = run("data", "stats", "both", "--json").json["agreement"]
    assert (told["questions"], told["units"]) == (3, 4)
    assert told["observed"] == pytest.approx((1 + 0 + 3 + 1) / 8)
    assert told["pairs"] == [
        {"annotators": ["ann", "bob"], "kappa": pytest.approx(1 / 3), "questions": 3},
        {"annotators": ["ann", "cyd"], "kappa": pytest.approx(1.0), "questions": 1},
        {"annotators": ["bob", "cyd"], "kappa": pytest.approx(0.0), "questions": 1},
    ]
    shown = run("data", "stats", "both").out
    assert f"alpha {told['alpha']:.2f} on 3 questions" in shown
    assert "ann and bob: kappa 0.33 on 3 questions" in shown


def test_stats_of_one_annotator_say_nothing_of_agreement(run, clicks):
    assert run("data", "stats", "clicks", "--json").json["agreement"] is None
    assert "agreement" not in run("data", "stats", "clicks").out


def test_merge_copies(run, clicks):
    run("data", "import", "more", clicks)
    result = run("data", "merge", "clicks", "more", "clicks", "--into", "all")
    assert (result.code, result.err) == (0, "Copied 6 answers to all\n")
    assert run("data", "merge", "clicks", "--into", "all", "--json").json == {
        "into": "all",
        "saved": 0,
        "known": 3,
    }
    assert run("data", "merge", "nothing", "--into", "other").code == 1
    assert len(run("data", "list", "--json").json["datasets"]) == 3


def test_drop_asks(run, clicks, monkeypatch):
    result = run("data", "drop", "clicks")
    assert result.code == 2
    assert "--yes" in result.err
    monkeypatch.setattr("nerture.cli.data.changes._agreed", lambda *asked: False)
    result = run("data", "drop", "clicks")
    assert (result.code, result.err) == (1, "Nothing was dropped.\n")
    assert run("data", "drop", "clicks", "--yes", "--json").json == {"dropped": "clicks", "answers": 3}
    assert run("data", "drop", "clicks", "--yes").code == 1


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "a"), ("stats", "a"), ("export", "a"), ("drop", "a", "--yes")]
)
def test_where_there_is_no_store_none_is_made(run, place, arguments):
    result = run("data", *arguments)
    assert result.code == 1
    assert "store.sqlite: there is none yet" in result.err
    assert not place.exists()


def test_export_of_an_unknown_dataset_leaves_the_file_as_it_is(run, clicks, tmp_path):
    (tmp_path / "out.jsonl").write_text("mine")
    result = run("data", "export", "click", "-o", tmp_path / "out.jsonl")
    assert result.code == 1
    assert "no dataset 'click'; did you mean clicks?" in result.err
    assert (tmp_path / "out.jsonl").read_text() == "mine"


def test_a_pipeline_trains_and_is_checked_from_datasets(run, tmp_path, rows_file, place, monkeypatch):
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
    assert "there is none yet" in result.err
    assert run("train", pipeline, "-q", "--store", place).code == 0
    assert run("check", pipeline, "--store", place).code == 0


def test_faults_of_a_dataset_are_told_with_its_row(run, rows_file, tmp_path):
    rows = [ROWS[0], {"text": "b", "answer": "accept", "spans": [{"start": 0, "end": 1, "label": "THING"}]}]
    run("data", "import", "clicks", write_rows(tmp_path / "clicks.jsonl", rows))
    pipeline = write_project(tmp_path / "project", sources=[{"use": "answers", "dataset": "clicks"}])
    result = run("check", pipeline)
    assert result.code == 1
    assert "dataset clicks:2" in result.out + result.err


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ({"use": "answers"}, "allowed is exactly one of path and dataset"),
        ({"use": "gold", "path": "data.jsonl", "dataset": "a"}, "allowed is exactly one of path and dataset"),
        ({"use": "gold", "dataset": "a", "format": "jsonl"}, "format goes with path"),
    ],
)
def test_a_source_has_one_place(run, tmp_path, source, wanted):
    result = run("check", write_project(tmp_path / "project", sources=[source]))
    assert result.code == 1
    assert wanted in result.out + result.err
    assert "sources[0]" in result.out + result.err


def test_datasets_are_in_postgresql_by_its_url(run, cluster, rows_file):
    url = cluster.new_database().replace("nerture@", "nerture:secret@")
    result = run("data", "import", "clicks", rows_file("clicks.jsonl", ROWS), "--store", url)
    assert result.code == 0
    assert "Saved 3 answers in clicks (postgresql+psycopg://nerture:***@127.0.0.1" in result.err
    assert run("data", "export", "clicks", "--store", url).rows == ROWS
    assert "secret" not in run("data", "list", "--store", url).out
    assert run("data", "drop", "clicks", "--store", url, "--yes").code == 0
    assert run("data", "list", "--store", url, "--json").json["datasets"] == []
    result = run("data", "list", "--store", url.replace("/store", "/nothing"))
    assert result.code == 1
    assert "does not exist" in result.err
    assert "secret" not in result.err
