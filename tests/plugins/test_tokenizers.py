"""The tokenizer plugins: names and options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from nerture.core.text.english import english_tokenizer
from nerture.interfaces import Factory, Options, Tokenizer
from nerture.plugins.tokenizers import EnglishOptions, nerture_register_tokenizers


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
        (
            {"special_cases": {"mgs": ["mg", "x"]}},
            r"'mgs': expected pieces that add up to it, got \['mg', 'x'\]",
        ),
        ({"special_cases": {"a b": ["a", " b"]}}, "no whitespace"),
        ({"special_cases": {"mgs": []}}, "expected pieces that add up to it"),
        ({"special_cases": ["mgs"]}, "valid dict"),
        ({"split_hyphen": False}, "Extra inputs"),
        ({"split_hyphens": "perhaps"}, "boolean"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        EnglishOptions(**options)
