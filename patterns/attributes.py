"""The token attributes that patterns can test, computed from the token's text.

Only ``SPACY``, whether a space follows, does not depend on the text; it is handled separately.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nerture.core.text.lexical import norm, shape
from nerture.patterns.stop_words import STOP_WORDS

Kind = Literal["text", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A token attribute: its name, the kind of its values, and the function from the token's text."""

    name: str
    kind: Kind
    of: Callable[[str], str | int | bool]


_BRACKETS = frozenset("()[]{}<>⟨⟩（）［］｛｝")
_LEFT = frozenset("([{<⟨（［｛\"'`“‘«‹„‚")
_RIGHT = frozenset(")]}>⟩）］｝\"'”’»›")
_QUOTES = frozenset(["'", '"', "`", "``", "''", "“", "”", "‘", "’", "„", "‚", "«", "»", "‹", "›", "‛", "‟"])

_NUMBER_WORDS = frozenset({
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million",
    "billion", "trillion", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
    "seventeenth", "eighteenth", "nineteenth", "twentieth", "thirtieth", "fortieth", "fiftieth", "sixtieth",
    "seventieth", "eightieth", "ninetieth", "hundredth", "thousandth", "millionth", "billionth",
    "trillionth",
})  # fmt: skip
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_EMAIL = re.compile(r"[\w.+%'-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE | re.ASCII)
_SCHEME = re.compile(r"(?:https?|ftps?|sftp|wss?|file)://\S", re.IGNORECASE)
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE | re.ASCII
)
_LONG_DOMAINS = frozenset({
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "aero", "coop", "museum",
    "mobi", "jobs", "travel", "asia", "app", "dev", "blog", "shop", "online", "site", "store", "tech",
    "cloud", "wiki", "news", "club", "live", "life", "world", "xyz", "design", "media", "agency", "academy",
    "email", "games", "page", "software", "studio", "systems", "tools", "video", "zone",
})  # fmt: skip


def is_punct(form: str) -> bool:
    """Return True if every character is punctuation (Unicode categories P*)."""
    return all(unicodedata.category(character).startswith("P") for character in form)


def is_currency(form: str) -> bool:
    """Return True if every character is a currency sign (Unicode category Sc)."""
    return all(unicodedata.category(character) == "Sc" for character in form)


def like_num(form: str) -> bool:
    """Return True if the form is a number: digits, a fraction, a number word or an ordinal."""
    plain = form.lstrip("+-±~").replace(",", "").replace(".", "")
    if plain.isdigit():
        return True
    above, slash, below = plain.partition("/")
    if slash and above.isdigit() and below.isdigit():
        return True
    lower = form.lower()
    return lower in _NUMBER_WORDS or _ORDINAL.fullmatch(lower) is not None


def like_email(form: str) -> bool:
    """Return True if the form is an e-mail address."""
    return _EMAIL.fullmatch(form) is not None


def like_url(form: str) -> bool:
    """Return True if the form is a web address: with a scheme, ``www.`` or a known top-level domain."""
    if "." not in form or "@" in form.partition("/")[0]:
        return _SCHEME.match(form) is not None
    if _SCHEME.match(form):
        return True
    host = _HOST.fullmatch(form)
    if host is None:
        return False
    domain = host[1].lower()
    return domain in _LONG_DOMAINS or len(domain) == 2 or form[:4].lower() == "www."


def _make_attributes() -> dict[str, Attribute]:
    texts: dict[str, Callable[[str], str]] = {
        "ORTH": lambda form: form, "LOWER": str.lower, "NORM": norm, "SHAPE": shape,
    }  # fmt: skip
    flags: dict[str, Callable[[str], bool]] = {
        "IS_ALPHA": str.isalpha, "IS_ASCII": str.isascii, "IS_DIGIT": str.isdigit, "IS_LOWER": str.islower,
        "IS_UPPER": str.isupper, "IS_TITLE": str.istitle, "IS_PUNCT": is_punct, "IS_SPACE": str.isspace,
        "IS_STOP": lambda form: form.lower() in STOP_WORDS,
        "IS_BRACKET": lambda form: form in _BRACKETS,
        "IS_QUOTE": lambda form: form in _QUOTES,
        "IS_LEFT_PUNCT": lambda form: form in _LEFT,
        "IS_RIGHT_PUNCT": lambda form: form in _RIGHT,
        "IS_CURRENCY": is_currency, "LIKE_NUM": like_num, "LIKE_URL": like_url, "LIKE_EMAIL": like_email,
    }  # fmt: skip
    attributes = {name: Attribute(name, "text", of) for name, of in texts.items()}
    attributes["TEXT"] = attributes["ORTH"]
    attributes["LENGTH"] = Attribute("LENGTH", "number", len)
    attributes.update({name: Attribute(name, "flag", of) for name, of in flags.items()})
    return attributes


ATTRIBUTES: dict[str, Attribute] = _make_attributes()
"""The attributes of a token's text, by their names in pattern files; ``TEXT`` is the same as ``ORTH``."""

SPACY = "SPACY"
"""The attribute that tests whether a space follows the token."""

_TAGGER = "it needs a part-of-speech tagger or a parser, which nerture does not have"
_ENTITIES = "it tests for entities, but patterns are matched before there are any"
_SENTENCES = "nerture does not split texts into sentences"
REFUSED: dict[str, str] = {
    **dict.fromkeys(["POS", "TAG", "LEMMA", "DEP", "MORPH", "HEAD"], _TAGGER),
    **dict.fromkeys(["ENT_TYPE", "ENT_IOB", "ENT_ID", "ENT_KB_ID"], _ENTITIES),
    **dict.fromkeys(["IS_SENT_START", "SENT_START", "IS_SENT_END"], _SENTENCES),
    "IS_OOV": "it needs a vocabulary of word vectors",
    "_": "it tests custom attributes of another program",
}
"""Attributes of other programs that are not supported, each with the reason."""
