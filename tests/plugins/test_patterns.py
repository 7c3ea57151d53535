"""The matcher ``patterns``: its options, files beside the pipeline, its tokenizer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nerture.errors import DataError, PatternError
from nerture.interfaces import Doc, Match, Record
from nerture.plugins import patterns as plugin

RULES = """\
{"label": "DRUG", "pattern": "crack-cocaine", "id": "phrase"}
{"label": "DRUG", "pattern": [{"LOWER": "cocaine"}]}
{"label": "DOSE", "pattern": [{"LIKE_NUM": true}, {"LOWER": "mg"}], "id": "dose"}
"""


class FakeServices:
    def __init__(self, folder: Path) -> None:
        self.folder, self.labels = folder, ("DRUG",)

    def resolve(self, path: str) -> Path:
        return self.folder / path

    def doc(self, record: Record) -> Doc:
        bounds = [match.span() for match in re.finditer(r"\w+|[^\w\s]", record.text)]
        return Doc.from_offsets(record.text, np.array(bounds, dtype=np.int32))

    def read(self, path: str, format: str | None = None) -> Any:
        raise AssertionError("a matcher reads no corpus")


@pytest.fixture
def services(tmp_path: Path) -> FakeServices:
    (tmp_path / "rules.jsonl").write_text(RULES)
    (tmp_path / "more.jsonl").write_text('{"label": "FOOD", "pattern": [{"LOWER": "bread"}]}\n')
    return FakeServices(tmp_path)


def found(services: FakeServices, text: str, **options: Any) -> list[Match]:
    matcher = plugin.PatternMatcher(plugin.PatternOptions(**options), services)
    return matcher(services.doc(Record(text, plugin.Origin("<test>"))))


TEXT = "crack-cocaine , 5 mg cocaine and bread"


def test_it_matches_with_the_tokens_of_the_pipeline(services: FakeServices) -> None:
    assert found(services, TEXT, path="rules.jsonl") == [
        (0, 3, "DRUG", "phrase"), (4, 6, "DOSE", "dose"), (6, 7, "DRUG", "2"),
    ]  # fmt: skip


def test_options(services: FakeServices) -> None:
    assert [hit.pattern for hit in found(services, TEXT, path="rules.jsonl", overlap="all")] == [
        "phrase",
        "2",
        "dose",
        "2",
    ]
    assert found(services, TEXT, path="rules.jsonl", labels=["DOSE"]) == [(4, 6, "DOSE", "dose")]
    assert found(services, TEXT, path="rules.jsonl", ids=["2"]) == [(2, 3, "DRUG", "2"), (6, 7, "DRUG", "2")]
    several = found(services, TEXT, path=["rules.jsonl", "more.jsonl"])
    assert [hit.pattern for hit in several] == ["phrase", "dose", "rules.jsonl:2", "more.jsonl:1"]
    matcher = plugin.PatternMatcher(plugin.PatternOptions(path=["rules.jsonl", "more.jsonl"]), services)
    assert matcher.labels == ("DRUG", "DOSE", "FOOD")


def test_a_label_or_id_that_no_pattern_has(services: FakeServices) -> None:
    with pytest.raises(PatternError, match="labels: no pattern has the label 'DRUGS'; did you mean 'DRUG'"):
        found(services, TEXT, path="rules.jsonl", labels=["DRUGS"])
    with pytest.raises(PatternError, match="ids: no pattern has the id 'dosis'; did you mean 'dose'"):
        found(services, TEXT, path="rules.jsonl", ids=["dosis"])


def test_what_is_wrong_with_the_files_comes_out(services: FakeServices) -> None:
    with pytest.raises(DataError, match=r"missing\.jsonl: the pattern file cannot be read"):
        found(services, TEXT, path="missing.jsonl")
    (services.folder / "bad.jsonl").write_text('{"label": "DRUG", "pattern": [{"POS": "NOUN"}]}')
    with pytest.raises(PatternError, match=r"^bad\.jsonl:1: pattern\[0\]\.POS"):
        found(services, TEXT, path="bad.jsonl")


@pytest.mark.parametrize("options", [
    {}, {"path": []}, {"path": ""}, {"path": "x", "overlap": "longer"}, {"path": "x", "max_tokens": 0},
    {"path": "x", "labels": []}, {"path": "x", "file": "y"},
])  # fmt: skip
def test_options_are_checked(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plugin.PatternOptions(**options)


def test_it_registers() -> None:
    registered: dict[str, Any] = {}

    def register(name: str, factory: Any, config: Any) -> None:
        registered[name] = factory, config

    plugin.nerture_register_matchers(register)
    assert registered == {"patterns": (plugin.PatternMatcher, plugin.PatternOptions)}
