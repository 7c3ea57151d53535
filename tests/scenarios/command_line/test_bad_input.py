"""Whatever a user gets wrong ends in one clear message that names the place, and nothing half-written."""

from __future__ import annotations

import json
import resource
import shutil
from contextlib import contextmanager
from itertools import pairwise

import pytest

BAD_PATTERNS = '{"label": "DRUG", "pattern": "x"}\n{"label": "DRUG", "pattern": [{"LOWR": "x"}]}\n'
GOOD = {"text": "Took aspirin .", "spans": [{"start": 5, "end": 12, "label": "DRUG"}]}


def spanned(*spans, text="Took aspirin ."):
    return {
        "text": text,
        "spans": [{"start": start, "end": end, "label": label} for start, end, label in spans],
    }


BAD_ROWS = {
    "bad JSON": ('{"text": "cut off', "not JSON"),
    "no object": ("[1, 2]", "expected an object"),
    "missing text": ({"spans": []}, "has no text"),
    "text is no string": ({"text": 3, "spans": []}, "text: expected a string"),
    "past the end": (spanned((5, 99, "DRUG")), "characters 5 to 99"),
    "negative": (spanned((-3, 4, "DRUG")), "characters -3 to 4"),
    "inside a token": (spanned((5, 9, "DRUG")), "characters 5 to 9"),
    "overlapping": (spanned((0, 12, "DRUG"), (5, 12, "DRUG")), "overlap"),
    "unknown label": (spanned((5, 12, "DRUGG")), "did you mean DRUG"),
    "not UTF-8": (b'{"text": "caf\xe9", "spans": []}', "UTF-8"),
    "not gold": ({"text": "Nothing is known of this."}, "neither spans nor an answer"),
    "answer to a question": (spanned((5, 12, "DRUG")) | {"_is_binary": True, "answer": "accept"}, "question"),
}


@pytest.fixture(params=BAD_ROWS.values(), ids=BAD_ROWS)
def bad_rows(request):
    """Rows of which the third is bad, and the message about it."""
    row, message = request.param
    return [GOOD, GOOD, row, GOOD], message


def test_train_refuses_a_bad_row(run, project, bad_rows):
    rows, message = bad_rows
    pipeline, before = project(rows)
    result = run("train", pipeline, "--json")
    assert (result.code, result.out) == (1, "")
    assert f"{pipeline.parent / 'data.jsonl'}:3: " in result.err
    assert str(pipeline) in result.err
    assert message in result.err
    assert before()


def test_train_can_skip_bad_rows_and_counts_them(run, project, bad_rows, corpus_rows):
    rows, _ = bad_rows
    pipeline, _ = project(corpus_rows + rows[2:3])
    result = run("train", pipeline, "--json", "--skip-bad")
    assert result.code == 0
    assert "Skipped 1 bad row" in result.err
    assert f"data.jsonl:{len(corpus_rows) + 1}" in result.err


def test_evaluate_refuses_a_bad_row(run, tmp_path, model, bad_rows, rows_file):
    rows, message = bad_rows
    path = rows_file("data.jsonl", rows)
    result = run("evaluate", model, path, "--json")
    assert (result.code, result.out) == (1, "")
    assert f"{path}:3: " in result.err
    assert message in result.err
    assert run("evaluate", model, path, "--json", "--skip-bad").json["texts"] == 3


def test_check_finds_a_bad_row(run, project, bad_rows):
    rows, message = bad_rows
    pipeline, before = project(rows)
    result = run("check", pipeline, "--json")
    assert result.code == 1
    [error] = [error for error in result.json["errors"] if message in error["message"]]
    assert (error["file"], error["line"]) == (str(pipeline.parent / "data.jsonl"), 3)
    assert set(error) == {"file", "line", "code", "message"}
    text = run("check", pipeline)
    assert text.code == 1
    assert "data.jsonl:3: error: " in text.out
    assert before()


BAD_PIPELINES = {
    "broken YAML": ("nerture: 1\nlabels: [DRUG\nsources: []\n", "pipeline.yaml:"),
    "alias bomb": (
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghijklm")),
        "pipeline.yaml",
    ),
    "unknown key": ("nerture: 1\nlabels: [DRUG]\nsorces: []\n", "pipeline.yaml:3: sorces: unknown key"),
    "wrong type": (
        "nerture: 1\nlabels: [DRUG]\ntrain:\n  seed: many\n",
        "pipeline.yaml:4: train.seed: expected a whole number",
    ),
    "out of range": ("nerture: 1\nlabels: [DRUG]\nmodel: {width: -1}\n", "pipeline.yaml:3: model"),
    "unknown plugin": (
        "nerture: 1\nlabels: [DRUG]\nsources:\n  - {use: glod, path: x}\n",
        'pipeline.yaml:4: sources[0].use: unknown source "glod"',
    ),
    "half a session": (
        "nerture: 1\nlabels: [DRUG]\nsources:\n  - {use: gold, path: x}\nsession: {source: x}\n",
        "pipeline.yaml:5: session.dataset: missing",
    ),
    "newer format": ("nerture: 99\nlabels: [DRUG]\n", "newer"),
    "no mapping": ("- 1\n- 2\n", "pipeline.yaml"),
    "empty": ("", "pipeline.yaml"),
    "missing data": (
        "nerture: 1\nlabels: [DRUG]\nsources:\n  - {use: gold, path: gone.jsonl}\n",
        "gone.jsonl: no such file",
    ),
    "no sources": ("nerture: 1\nlabels: [DRUG]\n", "sources: missing"),
    "unknown attribute": (
        "nerture: 1\nlabels: [DRUG]\nmatchers: [{use: patterns, path: p.jsonl, as: feature}]\n"
        "sources: [{use: gold, path: data.jsonl}]\n",
        "p.jsonl:2: ",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_PIPELINES.values(), ids=BAD_PIPELINES)
def test_train_refuses_a_bad_pipeline(run, project, text, message):
    pipeline, _ = project([GOOD])
    (pipeline.parent / "p.jsonl").write_text(BAD_PATTERNS)
    pipeline.write_text(text)
    kept = {path.name for path in pipeline.parent.iterdir()}
    result = run("train", pipeline, "--json")
    assert (result.code, result.out) == (1, "")
    assert message in result.err
    assert str(pipeline) in result.err
    assert {path.name for path in pipeline.parent.iterdir()} == kept


def test_check_reports_a_bad_pipeline_with_its_lines(run, project):
    pipeline, _ = project([GOOD])
    pipeline.write_text("nerture: 1\nlabels: [DRUG]\nsorces: []\ntrain: {seed: many}\n")
    result = run("check", pipeline, "--json")
    assert result.code == 1
    places = [(error["file"], error["line"]) for error in result.json["errors"]]
    assert places == [(str(pipeline), 3), (str(pipeline), 4)]


def test_check_reports_bad_patterns_of_a_pipeline(run, project):
    pipeline, _ = project([GOOD], matchers=[{"use": "patterns", "path": "p.jsonl", "as": "feature"}])
    (pipeline.parent / "p.jsonl").write_text(BAD_PATTERNS)
    errors = run("check", pipeline, "--json").json["errors"]
    assert errors[0]["line"] == 2
    assert "LOWR" in errors[0]["message"]


@pytest.mark.parametrize(
    "rows", [[], [""], [{"text": "", "spans": []}]], ids=["nothing", "blank", "empty text"]
)
def test_an_empty_corpus_is_refused(run, project, rows):
    pipeline, before = project(rows)
    result = run("train", pipeline)
    assert result.code == 1
    assert f"{pipeline}" in result.err
    assert "no text" in result.err
    assert before()


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "gone.yaml"),
        ("evaluate", "gone", "gone.jsonl"),
        ("apply", "gone", "gone.jsonl"),
        ("calibrate", "gone", "gone.jsonl"),
        ("compress", "gone", "-o", "new", "--precision", "f16"),
        ("match", "gone.jsonl", "gone.jsonl"),
        ("check", "gone.yaml"),
        ("check", "gone.jsonl"),
        ("describe", "gone"),
        ("init", "new", "--data", "gone.jsonl"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_missing_file_is_reported(run, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.code == 1
    assert "gone" in result.out + result.err
    assert not list(tmp_path.iterdir())


def test_a_pattern_with_an_unknown_attribute_names_its_line(run, tmp_path, rows_file):
    patterns = rows_file(
        "p.jsonl", [{"label": "A", "pattern": "x"}, {"label": "A", "pattern": [{"POS": "NOUN"}]}]
    )
    result = run("match", patterns, "-", stdin=b"x\n")
    assert (result.code, result.out) == (1, "")
    assert f"{patterns}:2: " in result.err
    assert run("check", patterns).code == 1


def truncate(model):
    path = model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def foreign(model):
    (model / "model.safetensors").write_bytes(b"PK\x03\x04 something else entirely")


def newer(model):
    meta = json.loads((model / "meta.json").read_text())
    (model / "meta.json").write_text(json.dumps(meta | {"format": 99}))


DAMAGES = {
    "truncated": (truncate, "damaged"),
    "foreign": (foreign, "damaged"),
    "newer": (newer, "expected a format up to"),
    "no weights": (lambda model: (model / "model.safetensors").unlink(), "no such file"),
    "no description": (lambda model: (model / "meta.json").unlink(), "not a model folder"),
    "no pipeline": (lambda model: (model / "config.yaml").unlink(), "no such file"),
    "broken description": (lambda model: (model / "meta.json").write_text("{"), "damaged"),
    "odd description": (
        lambda model: (model / "meta.json").write_text('{"format": 1, "labels": 3}'),
        "damaged",
    ),
    "odd labels": (
        lambda model: (model / "meta.json").write_text('{"format": 1, "labels": [], "settings": {}}'),
        "meta.json",
    ),
    "broken pipeline": (lambda model: (model / "config.yaml").write_text("{"), "damaged"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("command", ["apply", "describe"])
def test_a_damaged_model_is_reported(run, model, tmp_path, damage, message, command):
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    damage(copy)
    more = ["-", "-o", tmp_path / "out.jsonl"] if command == "apply" else []
    result = run(command, copy, *more, stdin=b"text\n")
    assert (result.code, result.out) == (1, "")
    assert str(copy) in result.err
    assert message in result.err
    assert "bug" not in result.err
    assert not (tmp_path / "out.jsonl").exists()


@contextmanager
def full_disk(size: int):
    """Let no file grow beyond some bytes, which is how a full disk shows itself: writing fails half-way.

    Only for the command's own run: the file that the test runner writes to may be larger already.
    """
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_full_disk_while_saving_leaves_the_old_model(run, project, model, corpus_rows, files_in):
    pipeline, _ = project(corpus_rows)
    folder = pipeline.parent / "model"
    shutil.copytree(model, folder)
    before = files_in(pipeline.parent)
    with full_disk(20_000):
        result = run("train", pipeline, "--json")
    assert (result.code, result.out) == (1, "")
    assert str(folder) in result.err
    assert "cannot be written" in result.err
    assert "bug" not in result.err
    assert files_in(pipeline.parent) == before


def test_a_full_disk_while_applying_leaves_the_old_output(run, model, tmp_path, files_in):
    out = tmp_path / "out.jsonl"
    out.write_text("old\n")
    texts = tmp_path / "texts.txt"
    texts.write_text("I take two aspirin daily .\n" * 2000)
    before = files_in(tmp_path)
    with full_disk(10_000):
        result = run("apply", model, texts, "-o", out)
    assert result.code == 1
    assert f"{out}: cannot be written" in result.err
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("place", ["file", "full folder"])
def test_train_does_not_replace_other_files(run, project, place):
    pipeline, _ = project([GOOD])
    target = pipeline.parent / "precious"
    if place == "file":
        target.write_text("precious")
    else:
        target.mkdir()
        (target / "thesis.txt").write_text("precious")
    result = run("train", pipeline, "-o", target)
    assert result.code == 1
    assert str(target) in result.err
    assert (target if place == "file" else target / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize(
    "arguments",
    [
        ("trian",),
        ("train",),
        ("train", "p.yaml", "--sett", "x=1"),
        ("apply", "m", "i", "--batch-size", "0"),
        ("evaluate", "m", "d", "--map", "DRUG"),
        ("apply", "m", "i", "--threshold", "high"),
        ("apply", "m", "i", "--threshold", "DRUG=1.5"),
        ("apply", "m", "i", "--threshold", "=0.5"),
        ("apply", "m", "i", "--threshold", "nan"),
        ("apply", "m", "i", "--threshold", "0.5", "--threshold", "0.6"),
        ("apply", "m", "i", "-k", "0"),
        ("apply", "m", "i", "-k", "101"),
        ("check", "data.jsonl", "--set", "train.seed=1"),
        ("check", "-", "--fix"),
        ("init", "new", "--labels", "A"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(run, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Error:" in result.err
    assert not list(tmp_path.iterdir())


def test_an_unknown_command_names_the_nearest(run):
    assert "did you mean train?" in run("trian").err
