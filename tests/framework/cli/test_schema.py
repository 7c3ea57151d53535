"""``nerture schema``."""

from __future__ import annotations


def test_schema_is_a_schema(run):
    schema = run("schema").json
    assert {"labels", "sources", "train"} <= schema["properties"].keys()
