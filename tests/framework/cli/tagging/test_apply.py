"""``nerture apply``: rows in order, bad lines, formats."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nerture import Doc

TEXTS = {
    "one line of 1 MB": "I take aspirin and codeine . " * 40_000,
    "empty": "",
    "emoji": "😀 aspirin 👩\u200d👩\u200d👧 ☕\ufe0f",
    "combining marks": "cafe\u0301 aspirin a\u0308\u0323",
    "right to left": "שלום aspirin مرحبا",
    "markup": "[bold red]aspirin[/] \\[x] :smile:",
    "half-width": "ｱｽﾋﾟﾘﾝ aspirin",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("form", ["plain", "jsonl", "CRLF and BOM"])
def test_apply_takes_any_text(run, model, tmp_path, text, form):
    source, out = tmp_path / ("in.txt" if form == "plain" else "in.jsonl"), tmp_path / "out.jsonl"
    lines = [text, "I take two aspirin daily ."]
    rows = lines if form == "plain" else [json.dumps({"text": line}) for line in lines]
    end = "\r\n" if form == "CRLF and BOM" else "\n"
    start = b"\xef\xbb\xbf" if form == "CRLF and BOM" else b""
    source.write_bytes(start + "".join(row + end for row in rows).encode())
    result = run("apply", model, source, "-o", out)
    assert (result.code, result.out) == (0, "")
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["text"] for row in written] == lines
    for row in written:
        doc = Doc(row["text"])
        for span in row["spans"]:
            assert span.keys() >= {"start", "end", "label", "token_start", "token_end"}
            found = doc.span(span["token_start"], span["token_end"] + 1, span["label"])
            assert (found.start_char, found.end_char) == (span["start"], span["end"])
    assert [(span["start"], span["end"]) for span in written[1]["spans"]] == [(11, 18)]


def test_apply_finds_what_the_model_finds(run, model, data):
    import nerture

    loaded = nerture.load(model)
    rows = run("apply", model, data, "--batch-size", 7).rows
    assert len(rows) == 60
    for row in rows:
        spans = [(span.start_char, span.end_char, span.label) for span in loaded(row["text"]).spans]
        assert [(span["start"], span["end"], span["label"]) for span in row["spans"]] == spans


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_nothing(run, model, tmp_path, rows_file, threads):
    good = [{"text": f"I take {number} aspirin and codeine .", "n": number} for number in range(200)]
    rows = [*good[:50], "{", *good[50:150], {"text": 3}, *good[150:]]
    source = rows_file("in.jsonl", rows)
    for name, more in (("one", ()), ("many", ("--threads", threads))):
        result = run("apply", model, source, "-o", tmp_path / name, "--batch-size", 3, "--scores", *more)
        assert result.code == 0, result.err
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()
    written = [json.loads(line) for line in (tmp_path / "many").read_text().splitlines()]
    assert [row["n"] for row in written] == list(range(200))


def test_apply_skips_bad_rows_and_saves_them(run, model, tmp_path, rows_file):
    source = rows_file("in.jsonl", [{"text": "a"}, "{", {"text": "b"}, b'{"text": "\xff"}', {"text": 3}])
    out, rejected = tmp_path / "out.jsonl", tmp_path / "out.rejected.jsonl"
    result = run("apply", model, source, "-o", out)
    assert result.code == 0
    assert [json.loads(line)["text"] for line in out.read_text().splitlines()] == ["a", "b"]
    rows = [json.loads(line) for line in rejected.read_text().splitlines()]
    assert [(row["file"], row["line"]) for row in rows] == [
        (str(source), 2),
        (str(source), 4),
        (str(source), 5),
    ]
    assert rows[0]["raw"] == "{"
    assert "Skipped 3 bad rows" in result.err
    assert str(rejected) in result.err
    assert run("apply", model, rows_file("in.jsonl", [{"text": "a"}]), "-o", out).code == 0
    assert not rejected.exists()


def test_strict_apply_stops_and_writes_nothing(run, model, tmp_path, rows_file):
    source = rows_file("in.jsonl", [{"text": "a"}, {"text": "b"}, "{", {"text": "c"}])
    result = run("apply", model, source, "-o", tmp_path / "out.jsonl", "--strict")
    assert result.code == 1
    assert f"{source}:3: " in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_apply_reports_that_no_row_could_be_read(run, model, tmp_path, rows_file):
    out = tmp_path / "out.jsonl"
    result = run("apply", model, rows_file("in.jsonl", ["just", "text"]), "-o", out)
    assert result.code == 1
    assert "--format" in result.err
    assert not out.exists()


def test_apply_in_place_gzip_and_columns(run, model, tmp_path, rows_file):
    path = rows_file("texts.jsonl", [{"text": "Took aspirin .", "meta": {"id": 7}}])
    assert run("apply", model, path, "-o", path).code == 0
    assert json.loads(path.read_text())["meta"] == {"id": 7}
    zipped = tmp_path / "out.jsonl.gz"
    assert run("apply", model, path, "-o", zipped).code == 0
    assert gzip.decompress(zipped.read_bytes()) == path.read_bytes()
    assert run("apply", model, zipped, "-o", tmp_path / "out.conll").code == 0
    assert "aspirin" in (tmp_path / "out.conll").read_text().splitlines()[1]
    assert run("apply", model, path, "--writer", "conll").out == (tmp_path / "out.conll").read_text()


def test_apply_writes_through_to_a_device(run, model, rows_file):
    assert run("apply", model, rows_file("in.jsonl", [{"text": "a"}]), "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()
