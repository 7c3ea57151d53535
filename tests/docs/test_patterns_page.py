"""The page on patterns tells the truth: its examples are tried, and it names everything that there is."""

from __future__ import annotations

import ast
import doctest
import json
import re
from typing import Any

import numpy as np
import pytest

from nerture.core.errors import PatternError
from nerture.core.text.doc import Doc
from nerture.patterns import ATTRIBUTES, POLICIES, REFUSED, PatternSet, lint_patterns, parse_patterns
from nerture.plugins.patterns import PatternOptions

from ..support.repository import ROOT

PAGE = (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_every_row_that_is_shown_is_read_without_a_complaint() -> None:
    assert len(blocks("jsonl")) == 2
    for block in blocks("jsonl"):
        assert lint_patterns(parse_patterns(block.splitlines())) == []


def test_the_python_examples() -> None:
    (block,) = blocks("python")
    test = doctest.DocTestParser().get_doctest(block, {}, "docs/patterns.md", None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0
    assert len(test.examples) == 6


def test_the_messages_are_the_real_ones() -> None:
    (block,) = blocks("text")
    for line in block.splitlines():
        where, attribute = re.match(r"\S+: pattern\[(\d)\]\.(\w+)", line).groups()
        tokens: list[Any] = [{}] * int(where) + [{attribute: "x"}]
        with pytest.raises(PatternError) as caught:
            parse_patterns([{"label": "L", "pattern": tokens}], "rules.jsonl")
        assert str(caught.value).partition(": ")[2] == line.partition(": ")[2]


TRIED = re.findall(r"^\| `([\[\"].*)` \| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)


def by_spaces(text: str) -> Any:
    return np.array([match.span() for match in re.finditer(r"\S+", text)], dtype=np.int32).reshape(-1, 2)


@pytest.mark.parametrize(("pattern", "text", "wanted"), TRIED)
def test_the_table_of_examples(pattern: str, text: str, wanted: str) -> None:
    doc = Doc(text, by_spaces)
    found = PatternSet(
        parse_patterns([{"label": "L", "pattern": json.loads(pattern)}]), by_spaces, "all"
    ).match(doc)
    assert sorted(doc.span(*match[:3]).text for match in found) == sorted(wanted.split("; "))


def test_the_table_of_examples_is_read() -> None:
    assert len(TRIED) == 6


def codes_of(module: str) -> set[str]:
    """Every kebab-case text of a module that is handed to RowError, Problem or a list of findings."""
    tree = ast.parse((ROOT / "patterns" / module).read_text(encoding="utf-8"))
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", text)} - {"utf-8"}


def test_everything_has_its_word_on_the_page() -> None:
    words = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
    modules = ["language.py", "token_rules.py", "lint.py", "pattern_set.py"]
    codes = set().union(*(codes_of(module) for module in modules))
    assert len(codes) > 15
    predicates = {
        "REGEX",
        "FUZZY",
        "FUZZY1",
        "FUZZY9",
        "IN",
        "NOT_IN",
        "IS_SUBSET",
        "IS_SUPERSET",
        "INTERSECTS",
    }
    signs = {"==", "!=", ">=", "<=", ">", "<", "!", "?", "+", "*", "{n}", "{n,m}", "{n,}", "{,m}"}
    options = set(PatternOptions.model_fields)
    for names in (set(ATTRIBUTES), set(REFUSED), set(POLICIES), predicates, signs, codes, options):
        assert names <= words
