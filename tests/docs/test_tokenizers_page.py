"""The page on tokenizers is true: its examples are cut as it says, and it has all options."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from nerture.interfaces import Factory, Options, Tokenizer
from nerture.plugins.tokenizers import nerture_register_tokenizers

from ..support.repository import DOCS

PAGE = DOCS / "tokenizers.md"


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
