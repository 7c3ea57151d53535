"""``nerture data``: help with examples, and no store where none is."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Each test has a store of its own."""
    monkeypatch.setenv("NERTURE_STORE", str(tmp_path / "store.sqlite"))
    return tmp_path / "store.sqlite"


@pytest.mark.parametrize("name", ["list", "show", "stats", "import", "export", "merge", "drop"])
def test_each_has_a_help_with_examples(run, name):
    result = run("data", name, "--help")
    assert result.code == 0
    assert f"Examples:\n    nerture data {name}" in result.out
    assert "--store" in result.out
    assert "With --json" in result.out


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "a"), ("stats", "a"), ("export", "a"), ("drop", "a", "--yes")]
)
def test_reading_commands_create_no_store(run, place, arguments):
    result = run("data", *arguments)
    assert result.code == 1
    assert "store.sqlite: does not exist" in result.err
    assert not place.exists()
