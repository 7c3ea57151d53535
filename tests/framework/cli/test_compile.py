"""``nerture compile``: the compiled file does what its pattern files do."""

from __future__ import annotations

import json

import pytest

FIRST = [
    {"label": "PLANT", "pattern": "sweet pea"},
    {"label": "PLANT", "pattern": [{"LOWER": "wild"}, {"LOWER": {"REGEX": "^roses?$"}}], "id": "rose"},
]
SECOND = [{"label": "TOOL", "pattern": [{"LOWER": "hoe"}]}]
TEXTS = "A sweet pea beside Wild roses .\nBring the hoe , and sweet peas .\n"


@pytest.fixture
def files(tmp_path):
    for name, rows in (("first", FIRST), ("second", SECOND)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "texts.txt").write_text(TEXTS, encoding="utf-8")
    return tmp_path


def test_a_compiled_file_matches_what_its_files_match(run, files):
    first, second = files / "first.jsonl", files / "second.jsonl"
    result = run("compile", first, second, "-o", files / "both.compiled", "--json")
    assert result.code == 0, result.err
    size = (files / "both.compiled").stat().st_size
    assert result.json == {"patterns": 3, "labels": ["PLANT", "TOOL"], "bytes": size}
    found = run("match", files / "both.compiled", files / "texts.txt").out
    spans = [span for line in found.splitlines() for span in json.loads(line)["spans"]]
    assert [(span["label"], span["pattern"]) for span in spans] == [
        ("PLANT", "first.jsonl:1"),
        ("PLANT", "rose"),
        ("TOOL", "second.jsonl:1"),
    ]
    assert "3 patterns (PLANT, TOOL)" in run("compile", first, second, "-o", files / "both.compiled").err


def test_a_model_keeps_a_compiled_file(run, files):
    run("compile", files / "first.jsonl", "-o", files / "plants.compiled")
    (files / "pipeline.yaml").write_text(
        "nerture: 1\nlabels: [PLANT]\n"
        "matchers: [{use: patterns, path: plants.compiled, as: feature}]\n"
        "sources: [{use: gold, path: texts.jsonl}]\n"
        "train: {max_steps: 5}\n",
        encoding="utf-8",
    )
    rows = [
        {
            "text": f"{one} sweet pea .",
            "spans": [{"start": len(one) + 1, "end": len(one) + 10, "label": "PLANT"}],
        }
        for one in ("A", "My", "The", "Your", "Every", "This", "No", "One")
    ]
    (files / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    result = run("train", files / "pipeline.yaml", "-o", files / "model")
    assert result.code == 0, result.err
    (files / "plants.compiled").unlink()
    assert run("apply", files / "model", files / "texts.txt").code == 0


def test_invalid_pattern_files_are_reported(run, files):
    compiled, bad = files / "first.compiled", files / "bad.jsonl"
    assert run("compile", files / "first.jsonl", "-o", compiled).code == 0
    bad.write_text('{"label": "PLANT", "pattern": [{"POS": "NOUN"}]}\n', encoding="utf-8")
    for given, message in (
        ((compiled,), "name the files that they were compiled from"),
        ((bad,), "POS cannot be matched"),
        ((files / "gone.jsonl",), "gone.jsonl"),
        ((files / "first.jsonl", "--tokenizer", "german"), "german"),
    ):
        result = run("compile", *given, "-o", files / "new.compiled")
        assert result.code == 1
        assert message in result.err
        assert not (files / "new.compiled").exists()
    result = run("match", compiled, files / "texts.txt", "--tokenizer", "unicode")
    assert result.code == 0, "all tokenizers split these phrases alike"
    assert "nothing to repair" in run("check", compiled).out
    compiled.write_bytes(compiled.read_bytes()[:-9])
    result = run("check", compiled)
    assert result.code == 1
    assert "cannot be read" in result.out
