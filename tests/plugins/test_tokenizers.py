"""The tokenizer plugins: names, options, and the examples of their page in the documentation."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nerture.core.text.english import english_tokenizer
from nerture.interfaces import Factory, Options, Tokenizer
from nerture.plugins.tokenizers import EnglishOptions, nerture_register_tokenizers

PAGE = Path(__file__).parents[2] / "docs" / "tokenizers.md"


def registered() -> dict[str, tuple[Factory, type[Options]]]:
    found: dict[str, tuple[Factory, type[Options]]] = {}

    def register(name: str, factory: Factory, config: type[Options] = Options) -> None:
        assert name not in found
        found[name] = (factory, config)

    nerture_register_tokenizers(register)
    return found


def make(name: str, **options: Any) -> Tokenizer:
    factory, config = registered()[name]
    return factory(config(**options), None)


def cut(tokenizer: Callable[[str], Any], text: str) -> str:
    return "|".join(text[start:end] for start, end in tokenizer(text).tolist())


def test_names() -> None:
    assert list(registered()) == ["english", "unicode", "whitespace"]


def test_english_by_default_is_the_shared_one() -> None:
    assert make("english") is english_tokenizer()
    assert make("english", special_cases={}) is english_tokenizer()


def test_english_options() -> None:
    tokenizer = make("english", split_hyphens=False, special_cases={"mgs": ["mg", "s"]})
    assert cut(tokenizer, "5 mgs, well-known") == "5|mg|s|,|well-known"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"special_cases": {"mgs": ["mg", "x"]}}, r"'mgs': the pieces \['mg', 'x'\] do not make up the form"),
        ({"special_cases": {"a b": ["a", " b"]}}, "no whitespace"),
        ({"special_cases": {"mgs": []}}, "do not make up"),
        ({"special_cases": ["mgs"]}, "valid dict"),
        ({"split_hyphen": False}, "Extra inputs"),
        ({"split_hyphens": "perhaps"}, "boolean"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        EnglishOptions(**options)


def examples() -> list[tuple[str, str, str]]:
    """The rows of the page's tables, with the heading that they stand under."""
    rows = []
    for section in PAGE.read_text(encoding="utf8").split("\n## ")[1:]:
        name = section.split("\n", 1)[0]
        rows += [
            (name, *found)
            for found in re.findall(r"^\| [^|`]+ \| `(.+?)` \| `(.+)` \|$", section, re.MULTILINE)
        ]
    return rows


@pytest.mark.parametrize(("name", "text", "expected"), examples())
def test_examples_of_the_page(name: str, text: str, expected: str) -> None:
    assert cut(make(name), text) == expected


def test_the_page_has_examples_of_each_and_all_options() -> None:
    assert {name for name, _, _ in examples()} == set(registered())
    page = PAGE.read_text(encoding="utf8")
    for _, config in registered().values():
        for option in config.model_fields:
            assert f"| `{option}` |" in page
