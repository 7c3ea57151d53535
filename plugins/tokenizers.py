"""The built-in tokenizers: ``english``, ``unicode`` and ``whitespace``."""

from __future__ import annotations

from functools import cache

from pydantic import Field, field_validator

from nerture import hookimpl
from nerture.errors import SettingError
from nerture.interfaces import (
    Options,
    Register,
    RuleTokenizer,
    Services,
    Tokenizer,
    UnicodeTokenizer,
    check_special_case,
    english_rules,
    english_tokenizer,
    whitespace_tokenizer,
)


class EnglishOptions(Options):
    """Options of ``english``."""

    split_hyphens: bool = Field(default=True, description="Split well-known into well, - and known.")
    special_cases: dict[str, tuple[str, ...]] = Field(
        default={}, description="Forms and the pieces that they are split into: {form: [piece, ...]}."
    )

    @field_validator("special_cases")
    @classmethod
    def _check_special_cases(cls, special_cases: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for form, pieces in special_cases.items():
            try:
                check_special_case(form, pieces)
            except SettingError as error:
                raise ValueError(str(error)) from error
        return special_cases


def make_english(options: EnglishOptions, services: Services) -> Tokenizer:
    """Make the English tokenizer; with default options, that of ``Doc(text)``."""
    if options.split_hyphens and not options.special_cases:
        return english_tokenizer()
    return RuleTokenizer(english_rules(options.split_hyphens, options.special_cases))


def make_unicode(options: Options, services: Services) -> Tokenizer:
    """Make the tokenizer of Unicode words."""
    return _unicode_tokenizer()


def make_whitespace(options: Options, services: Services) -> Tokenizer:
    """Make the whitespace tokenizer."""
    return whitespace_tokenizer


@cache
def _unicode_tokenizer() -> UnicodeTokenizer:
    return UnicodeTokenizer()


@hookimpl
def nerture_register_tokenizers(register: Register) -> None:
    """Register all three."""
    register("english", make_english, config=EnglishOptions)
    register("unicode", make_unicode)
    register("whitespace", make_whitespace)
