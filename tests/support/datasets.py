"""A dataset of three answers in a store of the test's own."""

from __future__ import annotations

import pytest

ROWS = [
    {"text": "Took two aspirin.", "spans": [{"start": 9, "end": 16, "label": "DRUG"}], "answer": "accept"},
    {"text": "Took a walk.", "spans": [{"start": 5, "end": 11, "label": "DRUG"}], "answer": "reject",
     "_annotator_id": "ann", "_timestamp": 1700000000, "meta": {"é": None}},
    {"text": "Nothing.", "answer": "ignore"},
]  # fmt: skip


@pytest.fixture
def own_store(tmp_path, monkeypatch):
    """Each test has a store of its own."""
    monkeypatch.setenv("NERTURE_STORE", str(tmp_path / "store.sqlite"))
    return tmp_path / "store.sqlite"


@pytest.fixture
def clicks(run, rows_file, own_store):
    file = rows_file("clicks.jsonl", ROWS)
    assert run("data", "import", "clicks", file).code == 0
    return file
