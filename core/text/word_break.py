"""The Word_Break classes of Unicode's text segmentation (UAX #29), derived with the standard library."""

from __future__ import annotations

import unicodedata
from enum import IntFlag, auto


class WordBreak(IntFlag):
    """A character's class for word boundaries; pictographs have ``PICTOGRAPHIC`` in addition to another."""

    OTHER = auto()
    CR = auto()
    LF = auto()
    NEWLINE = auto()
    SPACE = auto()
    EXTEND = auto()
    FORMAT = auto()
    JOINER = auto()
    REGIONAL = auto()
    KATAKANA = auto()
    LETTER = auto()
    HEBREW = auto()
    NUMERIC = auto()
    MID_LETTER = auto()
    MID_NUMBER = auto()
    MID_EITHER = auto()
    SINGLE_QUOTE = auto()
    DOUBLE_QUOTE = auto()
    EXTEND_WORD = auto()
    PICTOGRAPHIC = auto()


_W = WordBreak

# characters whose class does not follow from their category and name
_LISTED = {
    character: word_break
    for word_break, characters in {
        _W.CR: "\r",
        _W.LF: "\n",
        _W.NEWLINE: "\x0b\x0c\x85\u2028\u2029",
        _W.JOINER: "\u200d",
        _W.EXTEND: "\u200c\uff9e\uff9f",
        _W.KATAKANA: "〱〲〳〴〵゛゜゠ーｰ",
        _W.LETTER: "՚՛՜՞֊׳\u070f\U00016fe0\U00016fe1",
        _W.NUMERIC: "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u08e2٫",
        _W.MID_LETTER: ":\u00b7\u0387\u055f״\u2027︓﹕：",
        _W.MID_NUMBER: ",;\u037e\u0589،\u060d٬\u07f8\u2044︐︔﹐﹔，；",
        _W.MID_EITHER: ".‘’․﹒＇．",
        _W.SINGLE_QUOTE: "'",
        _W.DOUBLE_QUOTE: '"',
        _W.EXTEND_WORD: "\u202f",
        _W.OTHER: "\u200b〆〇",
    }.items()
    for character in characters
}

# scripts written without spaces, in which each letter counts as a word
_UNSPACED = (
    "HIRAGANA ", "HENTAIGANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TAI ", "NEW TAI LUE ", "AHOM ",
    "CJK ", "HANGZHOU ", "TANGUT ", "NUSHU ", "KHITAN ",
)  # fmt: skip
_KATAKANA = ("KATAKANA ", "HALFWIDTH KATAKANA LETTER", "CIRCLED KATAKANA")

_Ranges = tuple[tuple[int, int], ...]
_SQUARED_KATAKANA: _Ranges = ((0x3300, 0x3357),)
_LETTERLIKE: _Ranges = (
    (0x2C2, 0x2C5), (0x2D2, 0x2D7), (0x2DE, 0x2DF), (0x2E5, 0x2EB), (0x2ED, 0x2ED), (0x2EF, 0x2FF),
    (0xA708, 0xA716), (0xA720, 0xA721), (0xA789, 0xA78A), (0xAB5B, 0xAB5B),
    (0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189),
)  # fmt: skip
_PICTOGRAPHS: _Ranges = (
    (0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139),
    (0x2194, 0x21AA), (0x231A, 0x23FF), (0x24C2, 0x24C2), (0x25AA, 0x27BF), (0x2934, 0x2935),
    (0x2B05, 0x2B55), (0x3030, 0x3030), (0x303D, 0x303D), (0x3297, 0x3299), (0x1F000, 0x1FAFF),
)  # fmt: skip
_REGIONAL: _Ranges = ((0x1F1E6, 0x1F1FF),)
_SKIN_TONES_AND_TAGS: _Ranges = ((0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F))


def word_break(character: str) -> WordBreak:
    """Return the class of ``character``, with ``PICTOGRAPHIC`` added where an emoji may continue with it."""
    if character in _LISTED:
        return _LISTED[character]
    category = unicodedata.category(character)
    name = unicodedata.name(character, "")
    if _is_within(character, _REGIONAL):
        return _W.REGIONAL
    if _is_within(character, _SKIN_TONES_AND_TAGS) or category in ("Mn", "Mc", "Me"):
        return _W.EXTEND
    word_class = _classify_by_category(character, category, name)
    if _is_within(character, _PICTOGRAPHS):
        word_class |= _W.PICTOGRAPHIC
    return word_class


def _classify_by_category(character: str, category: str, name: str) -> WordBreak:
    """Return the class of a character that is not listed, by its category and the script in its name.

    Letters without a name are ideographs.
    """
    word_class = _W.OTHER
    if category == "Zs" and not unicodedata.decomposition(character).startswith("<noBreak>"):
        word_class = _W.SPACE
    elif category == "Cf":
        word_class = _W.FORMAT
    elif category == "Pc":
        word_class = _W.EXTEND_WORD
    elif category == "Nd":
        word_class = _W.NUMERIC
    elif (name.startswith(_KATAKANA) and category != "Po") or _is_within(character, _SQUARED_KATAKANA):
        word_class = _W.KATAKANA
    elif (category[0] == "L" or category == "Nl") and name and not name.startswith(_UNSPACED):
        word_class = _W.HEBREW if name.startswith("HEBREW ") else _W.LETTER
    elif _is_within(character, _LETTERLIKE):
        word_class = _W.LETTER
    return word_class


def _is_within(character: str, ranges: _Ranges) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)
