"""The stored results of benchmarks can be compared with new ones."""

import json
import re

import pytest

from ..support.repository import ROOT

RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.stem)
def test_a_result_names_its_script_its_pages_and_a_line_for_each_figure(result):
    stored = json.loads(result.read_text(encoding="utf-8"))
    assert stored["command"].startswith(f"python benchmarks/{result.stem}.py ")
    assert (ROOT / "benchmarks" / f"{result.stem}.py").exists()
    assert all((ROOT / page).exists() for page in stored["stated_in"])
    for name, figure in stored["figures"].items():
        assert re.compile(figure["line"]).groups == 1, name
        assert figure["value"] > 0, name
        assert figure["better"] in {"more", "less", ""}, name
