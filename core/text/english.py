"""The tokenization of English: its rules as tables, and the tokenizer made from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from nerture.core.text.english_exceptions import special_forms
from nerture.core.text.rule_tokenizer import RuleTokenizer
from nerture.core.text.token_rules import CharClass, Cut, Rules

_CLASSES = {
    "letter": CharClass(("Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc")),
    "lower": CharClass(("Ll",)),
    "upper": CharClass(("Lu",)),
    "uncased": CharClass(("Lo", "Mn", "Mc")),
    "digit": CharClass(chars="0123456789"),
    "dot": CharClass(chars="."),
    "quote": CharClass(("Pi", "Pf"), chars="'\"`´‚„"),
    "bracket": CharClass(("Ps", "Pe"), excluded="‚„"),
    "mark": CharClass(chars=",:;!?¿¡؟،؛٪۔।·…&#*_<>。、！，：；？～"),
    "dash": CharClass(chars="–—"),
    "percent": CharClass(chars="%"),
    "sign": CharClass(chars="§="),
    "plus": CharClass(chars="+"),
    "operator": CharClass(chars="+-*^"),
    "minus": CharClass(chars="-"),
    "relation": CharClass(chars=":<>=/"),
    "comma": CharClass(chars=","),
    "ellipsis": CharClass(chars="…"),
    "currency": CharClass(("Sc",)),
    "symbol": CharClass(("So",)),
    "degree": CharClass(chars="°"),
    "scale": CharClass(chars="CcFfKk"),
    "squared": CharClass(chars="²"),
}

_DOUBLED_QUOTE = Cut(forms=frozenset({"''", "’’"}))

_HYPHENS = frozenset({"-", "--", "---", "–", "—", "——", "~"})

_POSSESSIVES = frozenset({"'s", "'S", "’s", "’S"})

_DOLLARS = frozenset({"US$", "A$", "C$"})

_UNITS = """
    nm µm mm cm dm m km in ft yd  mm² cm² dm² m² km² ha  mm³ cm³ dm³ m³
    µg mg g kg t oz lb  m/s km/h kmh mph  Pa hPa mbar  mb MB kb KB gb GB tb TB  K M G T %
"""

_PREFIXES = (
    Cut(one_of="mark|quote|bracket|dash|percent|sign|currency"),
    Cut(one_of="plus", after="!digit"),
    Cut(one_of="dot", run=2),
    _DOUBLED_QUOTE,
    Cut(forms=_DOLLARS),
)

_SUFFIXES = (
    Cut(one_of="mark|quote|bracket|dash"),
    Cut(one_of="dot", run=2),
    _DOUBLED_QUOTE,
    Cut(forms=_POSSESSIVES),
    Cut(one_of="dot", before="lower|uncased|digit|quote|bracket|mark|percent|squared|minus|plus"),
    Cut(one_of="dot", before="upper|uncased upper|uncased"),
    Cut(one_of="dot", before="degree scale"),
    Cut(one_of="plus", before="digit"),
    Cut(one_of="currency", before="digit"),
    Cut(forms=_DOLLARS, before="digit"),
    Cut(forms=frozenset(_UNITS.split()), before="digit"),
)

_INFIXES = (
    Cut(one_of="dot", run=2),
    Cut(one_of="ellipsis"),
    Cut(one_of="operator", before="digit", after="digit|minus"),
    Cut(one_of="dot", before="lower|uncased|quote", after="upper|uncased|quote"),
    Cut(one_of="comma", before="letter", after="letter"),
    Cut(one_of="relation", before="letter|digit", after="letter"),
)

_HYPHEN_INFIX = Cut(forms=_HYPHENS, before="letter|digit", after="letter")


def english_rules(
    split_hyphens: bool = True, special_cases: Mapping[str, tuple[str, ...]] | None = None
) -> Rules:
    """Return the rules of English.

    With ``split_hyphens``, ``well-known`` is three tokens, else one. ``special_cases`` maps forms to the
    pieces that each is split into; they are added to the built-in ones and take precedence.

    Raises ``SettingError`` for a special case whose pieces do not add up to its form.
    """
    return Rules(
        classes=_CLASSES,
        prefixes=_PREFIXES,
        suffixes=_SUFFIXES,
        infixes=(*_INFIXES, _HYPHEN_INFIX) if split_hyphens else _INFIXES,
        special_cases={**special_forms(), **(special_cases or {})},
        symbols="symbol",
    )


@cache
def english_tokenizer() -> RuleTokenizer:
    """Return the tokenizer of English with the default rules, always the same object."""
    return RuleTokenizer(english_rules())
