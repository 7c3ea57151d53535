"""Fuzz target: texts of any characters through the tokenizers and what works on their tokens.

The input is UTF-8; other bytes become lone surrogates. If it has a unit separator (U+001F), the part before
it lists special cases of small rules of the target's own, separated by spaces (``ab|c`` is the form ``abc``
of two pieces), and the rest is also tokenized by these rules.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from nerture.core.errors import SettingError
from nerture.core.network.feature_extractor import FeatureExtractor, find_distinct, hash_rows
from nerture.core.text.english import english_tokenizer
from nerture.core.text.rule_tokenizer import RuleTokenizer
from nerture.core.text.segmentation import find_passages
from nerture.core.text.token_rules import CharClass, Cut, Rules
from nerture.core.text.token_texts import slice_tokens
from nerture.core.text.unicode_tokenizer import UnicodeTokenizer
from nerture.core.text.whitespace_tokenizer import whitespace_tokenizer

from ..core.network.test_feature_extractor import by_hand
from ..core.text.test_rule_tokenizer import FRAGMENTS, naive_chunk
from ..core.text.test_unicode_tokenizer import ALPHABET, naive_words

Offsets = npt.NDArray[np.int32]

SEPARATOR = "\x1f"
SHORT = 24
"""Texts of so many characters at most are also given to the slow implementations of the tests."""


def words() -> list[bytes]:
    """Return pieces of text that mean something to a tokenizer: the fuzzer's dictionary."""
    return [piece.encode("utf-8", "surrogatepass") for piece in (*FRAGMENTS.split(), *ALPHABET, SEPARATOR)]


def seeds() -> list[bytes]:
    """Return texts to begin with."""
    fragments = FRAGMENTS.split()
    texts = [
        "", "a", "Don't pay $5.50 (or US$ 10km/h) at http://a.b.co/?q=1, e.g. a@b.co.uk :)", "  a \n\t b  ",
        "\ufeffx\u200by \u202f1\u202f000 \u00a0\x85\u2028", "a-" * 50, "(" * 65 + "x" + ")" * 65,
        " ".join(fragments), "".join(fragments), ALPHABET,
        f"ab|c :|-| d-e{SEPARATOR}abc x:-|d-e ABc*☆", f"a|-A --{SEPARATOR}a-A--bZ|",
    ]  # fmt: skip
    return [text.encode("utf-8", "surrogatepass") for text in texts]


def examine(data: bytes) -> None:
    """Cut the text by every tokenizer; raises ``AssertionError`` where one breaks a rule of its own."""
    text = data.decode("utf-8", "surrogateescape")
    english, unicode = english_tokenizer(), _unicode_tokenizer()
    offsets = _check_offsets(text, english(text))
    assert np.array_equal(offsets, english(text)), "another result the second time"
    _check_rules(text, english, offsets)
    _check_tokens(text, offsets)
    for tokenizer in (unicode, whitespace_tokenizer):
        offsets = _check_offsets(text, tokenizer(text))
        assert not _between(text, offsets).strip(), "a tokenizer dropped more than whitespace"
        assert not any(text[start].isspace() for start in offsets[:, 0]), "a token begins with whitespace"
    if len(text) <= SHORT:
        expected = naive_words(text) if text else []
        assert slice_tokens(text, unicode(text)) == expected, "not the words of UAX #29"
    head, found, rest = text.partition(SEPARATOR)
    if found:
        _check_own_rules(head, rest)


@cache
def _unicode_tokenizer() -> UnicodeTokenizer:
    return UnicodeTokenizer()


def _check_offsets(text: str, offsets: Offsets) -> Offsets:
    """Check what holds for any tokenizer: whole tokens, in the text, ascending, apart from one another."""
    assert offsets.dtype == np.int32, offsets.dtype
    assert offsets.ndim == 2, offsets.shape
    assert offsets.shape[1] == 2, offsets.shape
    bounds = offsets.reshape(-1)
    assert (offsets[:, 0] < offsets[:, 1]).all(), "an empty token"
    assert (bounds[1:] >= bounds[:-1]).all(), "tokens overlap"
    assert not len(bounds) or (bounds[0] >= 0 and bounds[-1] <= len(text)), "a token is outside the text"
    return offsets


def _between(text: str, offsets: Offsets) -> str:
    """Return the characters that are in no token, put together."""
    bounds = [0, *offsets.reshape(-1).tolist(), len(text)]
    return "".join(text[bounds[i] : bounds[i + 1]] for i in range(0, len(bounds), 2))


def _check_rules(text: str, tokenizer: RuleTokenizer, offsets: Offsets) -> None:
    """Check a tokenizer by rules: it drops single blanks only, and cuts each chunk as if it were alone."""
    expected: list[tuple[int, int]] = []
    for run in re.finditer(r"(\s+)|\S+", text):
        start, end = run.span()
        if run[1]:
            start += bool(start and text[start] == " ")
            expected += [(start, end)] if start < end else []
            continue
        alone = tokenizer(run[0])
        expected += [(start + first, start + last) for first, last in alone.tolist()]
    if len(text) <= SHORT and text.strip():
        chunk = max(text.split(), key=len)
        assert slice_tokens(chunk, tokenizer(chunk)) == naive_chunk(tokenizer.rules, chunk), (
            f"cut wrongly: {chunk!r}"
        )
    assert expected == [tuple(bounds) for bounds in offsets.tolist()], "a chunk is cut otherwise when alone"


def _check_tokens(text: str, offsets: Offsets) -> None:
    """Check what is computed of tokens: their texts, their attributes, passages."""
    forms = slice_tokens(text, offsets)
    assert forms == [text[start:end] for start, end in offsets.tolist()]
    table = FeatureExtractor(3).attributes(text, offsets)
    assert np.array_equal(table, FeatureExtractor(50_000).attributes(text, offsets)), (
        "a small table has other hashes"
    )
    if len(text) <= SHORT:
        assert np.array_equal(table, by_hand(forms)), "other hashes than computed by hand"
    first, which = find_distinct(table)
    assert np.array_equal(table[first][which], table), "tokens are taken for others"
    rows = hash_rows(table, len(text) % table.shape[1], 7, 3)
    assert rows.shape == (len(forms), 3)
    assert ((rows >= 0) & (rows < 7)).all(), "a row outside the table"
    shortest = 1 + len(text) % 4
    _check_passages(text, offsets, shortest, shortest + len(text) % 3)


def _check_passages(text: str, offsets: Offsets, shortest: int, longest: int) -> None:
    """Check that passages are all tokens in order, no longer than allowed but for the rest that joins one."""
    passages = find_passages(text, offsets, shortest, longest)
    here = 0
    for start, end, start_char, end_char in passages:
        assert start == here < end <= len(offsets), "passages leave out tokens"
        assert (start_char, end_char) == (offsets[start, 0], offsets[end - 1, 1]), (
            "not a passage's characters"
        )
        most = longest if end < len(offsets) else longest + shortest
        assert end - start <= most, "a passage is too long"
        here = end
    assert here == len(offsets), "passages end early"


_CLASSES = {
    "low": CharClass(chars="ab"), "high": CharClass(("Lu",), excluded="Z"), "bar": CharClass(chars="|-"),
    "star": CharClass(("So",), chars="*☆"),
}  # fmt: skip


def _check_own_rules(head: str, text: str) -> None:
    """Cut ``text`` by rules with the special cases of ``head``."""
    special = {form.replace("|", ""): tuple(form.split("|")) for form in head.split(" ")}
    try:
        rules = Rules(
            classes=_CLASSES,
            prefixes=(Cut(one_of="bar", run=2), Cut(forms=frozenset({"b", "a-"}), after="!high")),
            suffixes=(Cut(one_of="bar", before="low high"), Cut(forms=frozenset({"B", "aB"}))),
            infixes=(Cut(forms=frozenset({"-", "|-"}), before="high", after="low|high"),),
            special_cases=special,
            symbols="star",
            addresses=False,
        )
    except SettingError:
        return
    tokenizer = RuleTokenizer(rules)
    cold = _check_offsets(text, tokenizer(text))
    assert np.array_equal(cold, tokenizer(text)), "another result from the cache"
    _check_rules(text, tokenizer, cold)
