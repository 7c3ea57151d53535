"""``nerture new-plugin``: a package that passes its own tests."""

from __future__ import annotations


def test_new_plugin(run, tmp_path):
    assert run("new-plugin", "dose-finder", tmp_path).code == 0
    assert (tmp_path / "dose-finder" / "pyproject.toml").is_file()
    assert run("new-plugin", "dose-finder", tmp_path).code == 1
