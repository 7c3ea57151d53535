"""Errors on the command line."""

from __future__ import annotations


def test_tracebacks_only_for_debugging(capsys, monkeypatch):
    from nerture.cli.exit_codes import run

    monkeypatch.setenv("NERTURE_DEBUG", "1")
    assert run(["apply", "gone", "gone"]) == 1
    assert "Traceback" in capsys.readouterr().err
