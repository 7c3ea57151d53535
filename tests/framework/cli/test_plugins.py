"""``nerture plugins``: names, origins, hooks and parts."""

from __future__ import annotations


def test_plugins_lists_names_origins_hooks_and_parts(run, tmp_path):
    (tmp_path / "nerture_plugins.py").write_text(
        "import nerture\n@nerture.hookimpl\ndef nerture_evaluated(evaluation):\n    pass\n"
    )
    listed = {
        plugin["name"]: plugin for plugin in run("plugins", "--plugins", tmp_path, "--json").json["plugins"]
    }
    assert "reader jsonl" in listed["nerture.plugins.jsonl"]["parts"]
    assert listed["nerture_plugins"]["hooks"] == ["nerture_evaluated"]
    assert listed["nerture_plugins"]["origin"] == str(tmp_path / "nerture_plugins.py")
    assert "nerture.plugins.jsonl" in run("plugins").out
