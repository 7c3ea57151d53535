"""The built-in tokenizers: ``english``, ``unicode`` and ``whitespace``."""

from __future__ import annotations

from functools import cache

from pydantic import Field, field_validator

from nerture.core.text.english import english_rules, english_tokenizer
from nerture.core.text.rule_tokenizer import RuleTokenizer
from nerture.core.text.token_rules import check_special_case
from nerture.core.text.unicode_tokenizer import UnicodeTokenizer
from nerture.core.text.whitespace_tokenizer import whitespace_tokenizer
from nerture.errors import SettingError
from nerture.hookspecs import hookimpl
from nerture.interfaces import Options, Register, Services, Tokenizer


class EnglishOptions(Options):
    """Options of ``english``."""

    split_hyphens: bool = Field(default=True, description="Cut well-known into well, - and known.")
    special_cases: dict[str, tuple[str, ...]] = Field(
        default={}, description="Forms that are cut as given here: {form: [piece, ...]}."
    )

    @field_validator("special_cases")
    @classmethod
    def _pieces_make_up_form(cls, special_cases: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for form, pieces in special_cases.items():
            try:
                check_special_case(form, pieces)
            except SettingError as error:
                raise ValueError(str(error)) from error
        return special_cases


def make_english(options: EnglishOptions, services: Services) -> Tokenizer:
    """Make the English tokenizer; with default options, the one that ``Doc(text)`` uses."""
    if options.split_hyphens and not options.special_cases:
        return english_tokenizer()
    return RuleTokenizer(english_rules(options.split_hyphens, options.special_cases))


def make_unicode(options: Options, services: Services) -> Tokenizer:
    """Return the tokenizer of Unicode words."""
    return _unicode_tokenizer()


def make_whitespace(options: Options, services: Services) -> Tokenizer:
    """Return the whitespace tokenizer."""
    return whitespace_tokenizer


@cache
def _unicode_tokenizer() -> UnicodeTokenizer:
    return UnicodeTokenizer()


@hookimpl
def nerture_register_tokenizers(register: Register) -> None:
    """Register the three."""
    register("english", make_english, config=EnglishOptions)
    register("unicode", make_unicode)
    register("whitespace", make_whitespace)
