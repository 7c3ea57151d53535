"""The page about sessions is true: its code runs, its pipeline is valid, its tables are complete."""

from __future__ import annotations

import dataclasses
import json
import re
import sys

import pytest

from nerture.cli.session.arguments import ASKS as ASKED
from nerture.cli.simulate import MODES as SIMULATED
from nerture.config import load_config
from nerture.hosting.manager import make_manager
from nerture.interfaces import Candidate
from nerture.patterns import load_patterns
from nerture.sessions.estimates.probes import PROBE_SHARE
from nerture.sessions.patterns.pattern_stats import PRIOR, PRIOR_ANSWERS
from nerture.sessions.patterns.pattern_suggestions import MIN_RELIABILITY, PatternSuggestion
from nerture.sessions.plan import ASKS, MODES, SessionPlan
from nerture.sessions.pool.passages import MAX_PASSAGE_TOKENS, MIN_PASSAGE_TOKENS
from nerture.simulation.run import Point

from ..support.repository import DOCS

PAGE = (DOCS / "sessions.md").read_text(encoding="utf-8")
PROSE = " ".join(PAGE.split())


def blocks(kind, first=""):
    found = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return [block for block in found if block.startswith(first)]


def section(name):
    return PAGE.split(f"## {name}\n")[1].split("\n## ")[0]


def test_the_state_by_hand(capsys):
    (code,) = blocks("python", "from nerture import Doc")
    exec(code, {})
    assert capsys.readouterr().out == "1 [\"PLANT 'kale' (characters 14 to 18)\"]\n0\n"


def test_the_sorter_passes_its_test(tmp_path, monkeypatch):
    (plugin,) = blocks("python", "# nerture_plugins.py")
    (test,) = blocks("python", "# test_nerture_plugins.py")
    (tmp_path / "nerture_plugins.py").write_text(plugin, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    names: dict = {}
    exec(test, names)
    del sys.modules["nerture_plugins"]
    names["test_quickest"]()


def test_the_pipeline_is_valid(tmp_path):
    (tmp_path / "pipeline.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    config = load_config(tmp_path / "pipeline.yaml", registry=make_manager().registry)
    assert config.matchers[0].roles == ("question", "feature")


def test_the_suggestion_is_a_pattern(tmp_path):
    (row,) = blocks("json")
    (tmp_path / "p.jsonl").write_text(json.dumps(json.loads(row)))
    assert len(load_patterns("p.jsonl", lambda path: tmp_path / path)) == 1


def test_what_is_suggested_is_what_the_page_says():
    def suggested(accepted, rejected):
        return PatternSuggestion(("a",), "A", accepted, rejected, 0).reliability >= MIN_RELIABILITY

    assert suggested(2, 0)
    assert suggested(4, 1)
    assert not suggested(1, 0)
    assert not suggested(3, 1)
    assert f"is {MIN_RELIABILITY} or more: twice and never wrong, or four times and once wrong" in PROSE
    assert f"estimated from one half worth {'four' if PRIOR_ANSWERS == 4 else '?'} answers" in PROSE


def test_every_mode_sorter_and_field_has_its_row():
    rows = re.findall(r"^\| `(\w+)` \|", section("Two kinds of question"), re.MULTILINE)
    assert sorted(rows) == sorted(MODES)
    rows = re.findall(r"^\| `(\w+)` \|", section("Sorters"), re.MULTILINE)
    fields = [field.name for field in dataclasses.fields(Candidate)]
    assert rows[-len(fields) :] == fields
    registry = make_manager().registry
    assert sorted(rows[: -len(fields)]) == list(registry.names("sorter"))
    for name in registry.names("sorter"):
        for option in registry.entry("sorter", name).config.model_fields:
            assert f"`{option}`" in section("Sorters")


def test_every_mode_that_can_be_simulated_is_documented():
    table = section("Simulate").split("### Which modes")[1]
    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    assert ASKED == ASKS
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(MODES) == sorted(SIMULATED)


@pytest.mark.parametrize("name", ["surface_cap", "pattern_share", "probe_share"])
def test_the_defaults_are_those_of_the_page(name):
    value = getattr(SessionPlan("teach", ("A",)), name)
    assert re.search(rf"`{name}`[^.]{{0,60}}?\b{value}\b|`{name}` questions \({value}\)", PROSE)


def test_the_numbers_are_those_of_the_code():
    assert f"at least {MIN_PASSAGE_TOKENS} and at most about {MAX_PASSAGE_TOKENS} tokens" in PROSE
    assert PROBE_SHARE == 0.2
    assert "a fifth of the texts is held out" in PROSE
    assert f"begins at {PRIOR}, worth four answers" in PROSE
    assert PRIOR_ANSWERS == 4
    for field in dataclasses.fields(Point):
        assert f'"{field.name}"' in section("Simulate")
