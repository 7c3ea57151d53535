"""Unicode words: every rule of UAX #29 by regular expressions over classes, and cases by hand."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.text.unicode_tokenizer import UnicodeTokenizer
from nerture.core.text.whitespace_tokenizer import whitespace_tokenizer
from nerture.core.text.word_break import WordBreak, word_break

TOKENIZER = UnicodeTokenizer()


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in TOKENIZER(text).tolist()]


ROWS = """
Can't|? $|1,000.50|? don’t '|quoted|' e.g|. a|,|b 3.14 3|. 1,2|, a:b a|: snake_case_1 _
well|-|known x|@|y.z naïve nai\u0308ve e\u0301|,|o\u0301 \u0301 a\u200db co\xadop \ufeff|a
שלום|,|עולם צה\"ל ג' ב|\" مرحبا|،|عالم مَرْحَبًا नमस्ते|। 한국어 日|本 ひ|ら カタカナ|と|ー ｶﾞｲﾄﾞ ก|า
Привет|,|мир|! ٣٫١٤ 😀|😀 👍🏽|! 👨\u200d👩\u200d👧|a 🇩🇪|🇫🇷|🇩 ❤️ 1️⃣ a|😀|b \ud800|\ud800
"""  # between bars, the tokens of the row without them


@pytest.mark.parametrize("row", ROWS.split())
def test_words(row: str) -> None:
    assert words(row.replace("|", "")) == row.split("|")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []), (" \r\n\t", []), ("a  b\r\nc", ["a", "b", "c"]), ("a \u0301b", ["a", "\u0301", "b"]),
        ("a\u00a0b", ["a", "b"]), ("|a|", ["|", "a", "|"]), ("a\u0301\n\u0301", ["a\u0301", "\u0301"]),
    ],
)  # fmt: skip
def test_whitespace_is_in_no_token(text: str, expected: list[str]) -> None:
    assert words(text) == expected


# The rules as the annex writes them: no boundary is where the text before matches the left side and the text
# after matches the right side. One letter per class.
LETTERS = {
    WordBreak.CR: "C", WordBreak.LF: "N", WordBreak.NEWLINE: "W", WordBreak.SPACE: "S", WordBreak.EXTEND: "E",
    WordBreak.FORMAT: "F", WordBreak.JOINER: "Z", WordBreak.REGIONAL: "R", WordBreak.KATAKANA: "K",
    WordBreak.LETTER: "A", WordBreak.HEBREW: "H", WordBreak.NUMERIC: "9", WordBreak.MID_LETTER: "L",
    WordBreak.MID_NUMBER: "M", WordBreak.MID_EITHER: "B", WordBreak.SINGLE_QUOTE: "Q",
    WordBreak.DOUBLE_QUOTE: "D", WordBreak.EXTEND_WORD: "X", WordBreak.OTHER: "O",
}  # fmt: skip
JOINED = [  # WB5 to WB16, on text without ignored characters
    ("[AH]$", "[AH]"), ("[AH]$", "[LBQ][AH]"), ("[AH][LBQ]$", "[AH]"),
    ("H$", "Q"), ("H$", "DH"),
    ("HD$", "H"), ("9$", "9"), ("[AH]$", "9"), ("9$", "[AH]"), ("9[MBQ]$", "9"),
    ("9$", "[MBQ]9"), ("K$", "K"),
    ("[AH9KX]$", "X"), ("X$", "[AH9K]"), ("(^|[^R])(RR)*R$", "R"),
]  # fmt: skip


def naive_words(text: str) -> list[str]:
    classes = "".join(LETTERS[word_break(c) & ~WordBreak.PICTOGRAPHIC] for c in text)
    bounds = [i for i in range(1, len(text)) if not naive_joined(classes[:i], classes[i:], text[i])]
    segments = [text[a:b].lstrip() for a, b in zip([0, *bounds], [*bounds, len(text)], strict=True)]
    return [segment for segment in segments if segment]


def naive_joined(left: str, right: str, following: str) -> bool:
    if left[-1] in "CNW" or right[0] in "CNW":
        return left[-1] == "C" and right[0] == "N"
    if left[-1] == "Z" and word_break(following) & WordBreak.PICTOGRAPHIC:
        return True
    if left[-1] == right[0] == "S" or right[0] in "EFZ":
        return True
    left, right = (re.sub("(?<=[^CNW])[EFZ]+", "", side) for side in (left, right))
    return any(re.search(before, left) and re.match(after, right) for before, after in JOINED)


ALPHABET = "ab1 2:.,;'\"_-’\u0301\u200d\ufeff\u00a0\u2007אבあアー中ก한न\r\n\u2028🇩🇪❤️🏽👨٣٫Ⓐ℃\u3000\ud800"


@settings(max_examples=200)
@given(
    st.one_of(
        st.text(alphabet=ALPHABET, max_size=14),
        st.text(alphabet=st.characters(exclude_categories=()), max_size=20),
    )
)
def test_agrees_with_the_rules_of_the_annex(text: str) -> None:
    assert words(text) == (naive_words(text) if text else [])


@settings(max_examples=200)
@given(
    st.text(alphabet=st.characters(exclude_categories=()), max_size=40),
    st.sampled_from([TOKENIZER, whitespace_tokenizer]),
)
def test_tokens_cover_all_but_whitespace(text: str, tokenizer: UnicodeTokenizer) -> None:
    offsets = tokenizer(text)
    assert offsets.dtype == np.int32
    assert offsets.shape == (len(offsets), 2)
    position = 0
    for start, end in [*offsets.tolist(), (len(text), len(text) + 1)]:
        assert position <= start < end
        assert not text[position:start].strip()
        position = end


def test_each_character_has_one_class() -> None:
    for code in [*range(0x3400), *range(0xA000, 0xB000), *range(0xF900, 0x11400), *range(0x1F000, 0x1FB00)]:
        assert word_break(chr(code)) & ~WordBreak.PICTOGRAPHIC in LETTERS


@pytest.mark.parametrize("piece", ["a", "a ", ".", "a.", "a.\u0301", "\u0301", "😀\u200d", "🇩", " "])
def test_a_megabyte_in_one_line_takes_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    TOKENIZER(text)
    assert time.process_time() - began < 10


def test_a_long_run_of_marks_is_read_once() -> None:
    text = "a." + "\u0301" * 1_000_000 + "a"
    assert words(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", []), (" I 'm\there ,\n", ["I", "'m", "here", ","]), ("a\u00a0b\u2003c", ["a", "b", "c"])],
)
def test_whitespace_tokenizer(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in whitespace_tokenizer(text).tolist()] == expected
