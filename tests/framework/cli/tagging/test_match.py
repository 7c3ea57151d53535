"""``nerture match``: pattern ids, overlaps, starter lists."""

from __future__ import annotations


def test_match_gives_pattern_ids_and_overlaps(run, rows_file):
    patterns = rows_file(
        "p.jsonl",
        [{"label": "CITY", "pattern": "New York", "id": "ny"}, {"label": "CITY", "pattern": "York"}],
    )
    [row] = run("match", patterns, "-", "--format", "text", stdin=b"In New York\n").rows
    span = {"start": 3, "end": 11, "label": "CITY", "token_start": 1, "token_end": 2, "pattern": "ny"}
    assert row == {"text": "In New York", "spans": [span]}
    [row] = run("match", patterns, "-", "--format", "text", "--overlap", "all", stdin=b"In New York\n").rows
    assert [span["pattern"] for span in row["spans"]] == ["ny", "2"]


def test_match_with_a_starter_list(run):
    [row] = run("match", "starter:countries", "-", "--format", "text", stdin=b"From Peru\n").rows
    assert [row["text"][span["start"] : span["end"]] for span in row["spans"]] == ["Peru"]
