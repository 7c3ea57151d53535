"""``nerture data merge`` and ``drop``."""

from __future__ import annotations


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


def test_drop_asks_for_confirmation(run, clicks, monkeypatch):
    result = run("data", "drop", "clicks")
    assert result.code == 2
    assert "--yes" in result.err
    monkeypatch.setattr("nerture.cli.data.changes._confirm", lambda *asked: False)
    result = run("data", "drop", "clicks")
    assert (result.code, result.err) == (1, "Nothing was dropped.\n")
    assert run("data", "drop", "clicks", "--yes", "--json").json == {"dropped": "clicks", "answers": 3}
    assert run("data", "drop", "clicks", "--yes").code == 1
