"""Unicode's own data for word boundaries (UAX #29): test cases, and the class of every character."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from nerture.core.text.unicode_tokenizer import UnicodeTokenizer
from nerture.core.text.word_break import WordBreak, word_break

FOLDER = Path("/usr/share/unicode/auxiliary")
CLASSES = {
    "CR": WordBreak.CR, "LF": WordBreak.LF, "Newline": WordBreak.NEWLINE, "WSegSpace": WordBreak.SPACE,
    "Extend": WordBreak.EXTEND, "Format": WordBreak.FORMAT, "ZWJ": WordBreak.JOINER,
    "Regional_Indicator": WordBreak.REGIONAL, "Katakana": WordBreak.KATAKANA, "ALetter": WordBreak.LETTER,
    "Hebrew_Letter": WordBreak.HEBREW, "Numeric": WordBreak.NUMERIC, "MidLetter": WordBreak.MID_LETTER,
    "MidNum": WordBreak.MID_NUMBER, "MidNumLet": WordBreak.MID_EITHER,
    "Single_Quote": WordBreak.SINGLE_QUOTE, "Double_Quote": WordBreak.DOUBLE_QUOTE,
    "ExtendNumLet": WordBreak.EXTEND_WORD,
}  # fmt: skip
FORMAT_UNTIL_15_0 = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
"""Marks before numbers, of class Format in older files; since Unicode 15.1 they belong to their numbers."""
UNASSIGNED = ("Cn", "Co", "Cs")


def read(name: str) -> list[str]:
    """The lines of a file without comments; the first one is the comment that names the version."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not there: nothing official to compare with (apt-get install unicode-data)")
    version, *lines = path.read_text(encoding="utf-8").splitlines()
    return [version, *(kept for line in lines if (kept := line.split("#")[0].strip()))]


def test_the_official_cases_are_cut_as_they_should_be_less_whitespace() -> None:
    tokenizer, wrong, known = UnicodeTokenizer(), [], 0
    for line in read("WordBreakTest.txt")[1:]:
        marked = line.replace("×", "").strip("÷ ").split("÷")  # ÷ is a boundary, × is none
        segments = ["".join(chr(int(code, 16)) for code in segment.split()) for segment in marked]
        text = "".join(segments)
        if any(unicodedata.category(character) == "Cn" for character in text):
            continue  # younger than this Python's tables
        known += 1
        tokens = [text[start:end] for start, end in tokenizer(text).tolist()]
        if tokens != [stripped for segment in segments if (stripped := segment.lstrip())]:
            wrong.append((ascii(text), tokens))
    assert known > 1500
    assert wrong == []


def test_every_character_has_its_official_class() -> None:
    version, *lines = read("WordBreakProperty.txt")
    official = {}
    for line in lines:
        codes, name = line.split(";")
        first, _, last = codes.strip().partition("..")
        official |= dict.fromkeys(range(int(first, 16), int(last or first, 16) + 1), CLASSES[name.strip()])
    found = re.search(r"-([\d.]+)\.txt", version)
    assert found is not None
    ours, theirs = (
        [int(part) for part in version.split(".")] for version in (unicodedata.unidata_version, found[1])
    )
    wrong = []
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in UNASSIGNED or character in FORMAT_UNTIL_15_0:
            continue
        if code not in official and ours > theirs:
            continue  # perhaps younger than the file
        given = word_break(character) & ~WordBreak.PICTOGRAPHIC
        if given != official.get(code, WordBreak.OTHER):
            wrong.append((hex(code), given.name, official.get(code)))
    assert wrong == []
