"""Fuzz target: pattern files (JSONL) through reading, checking, compiling, matching, saving and loading.

The input is the file, or, after a first byte of 0, the choices that its rows are made by (``pattern_rows``).
The text that is matched is made of the values that the patterns ask for, so that they are found.
"""

from __future__ import annotations

import json
import re
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from nerture.core.errors import NertureError
from nerture.core.text.doc import Doc
from nerture.core.text.english import english_tokenizer
from nerture.core.text.match import Match
from nerture.patterns import (
    ATTRIBUTES,
    REFUSED,
    Overlap,
    Pattern,
    PatternSet,
    compile_patterns,
    lint_patterns,
    load_compiled,
    read_patterns,
    to_bytes,
)

from ..patterns.test_compiled import (
    VALUES,
    by_spaces,
    distance,
    naive_choice,
    naive_hits,
    operator,
)
from .pattern_rows import COMPARISONS, OPERATORS, SETS, rows_of

MAX_WORDS, MAX_WORD_CHARS = 14, 30
"""Of the text that is matched."""
MAX_TOKENS = 5
"""Bound of the matches of patterns without one of their own: short, so that the naive matcher keeps up."""
NAIVE_PATTERNS, NAIVE_TOKENS, NAIVE_COUNT, NAIVE_FUZZY = 6, 4, 4, 8
"""What the naive matcher is asked about at most: patterns, tokens of each, repetitions, characters of a text
that is matched fuzzily."""

_ROWS = b"\0"
_POLICIES: tuple[Overlap, ...] = get_args(Overlap)
_BODIES: list[Any] = [
    "blood orange", "orange (sweet)", "café \U0001f34a", "\ud800",
    [{"LOWER": "blood", "OP": "?"}, {"LOWER": {"IN": ["orange", "lemon"]}}],
    [{"LIKE_NUM": True}, {"lower": "mg"}], [{"LENGTH": {">=": 9}}], [{"LENGTH": {"<": 4.5, "NOT_IN": [2]}}],
    [{"SHAPE": "Xxxxx"}, {"SHAPE": "dd"}], [{"NORM": "a", "OP": "{1,3}"}, {}, {"ORTH": "b"}],
    [{"TEXT": {"REGEX": "^[ab]+$"}, "OP": "+"}, {"IS_PUNCT": True, "OP": "!"}],
    [{"LOWER": {"FUZZY2": {"IN": ["colour", "Color"]}}}, {"OP": "*"}, {"SPACY": False}],
    [{"LOWER": {"IS_SUPERSET": ["a"], "INTERSECTS": ["a", "b"]}}, {"LOWER": {"REGEX": {"NOT_IN": ["c"]}}}],
]  # fmt: skip


def words() -> list[bytes]:
    """Return names of attributes, predicates and operators, and JSON around them: the fuzzer's dictionary."""
    names = [*ATTRIBUTES, *REFUSED, "SPACY", "OP", "REGEX", "FUZZY", "FUZZY9", *SETS, *COMPARISONS]
    names += ["label", "pattern", "id", "meta"]
    texts = [json.dumps(name) for name in names] + [f'"OP":"{op}"' for op in OPERATORS if op]
    texts += ['{"label":"A","pattern":', "[{", "}]", '":{"', "true", "false", "null", "\n", "\\ud800", "1e9"]
    return [text.encode() for text in texts]


def seeds() -> list[bytes]:
    """Return files to begin with: each kind of pattern alone, and all together."""
    lines = [json.dumps({"label": "A", "pattern": body}).encode() for body in _BODIES]
    named = (
        b'{"label": "B", "pattern": "a", "id": 7, "meta": {}}\n\n{"label":"B","pattern":[{"LOWER":"a"}]}\r\n'
    )
    wrong = (
        b'\xef\xbb\xbf{"label": 1, "pattern": [{"POS": "X", "LOWER": 2, "OP": "{9,1}"}], "x": []}\n{\n\xff'
    )
    rows = [_ROWS + bytes((number * step) % 256 for number in range(40)) for step in (0, 1, 7, 37, 101, 211)]
    deep = [b'{"label": "A", "pattern": ' + b"[" * depth + b"]" * depth + b"}" for depth in (980, 990)]
    return [b"", *deep, *lines, b"\n".join(lines), named, wrong, *rows]


def examine(data: bytes) -> None:
    """Read and match; raises ``AssertionError`` where matches are not what the patterns say."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # the expressions of a pattern are anybody's, and Python warns of some
        warnings.simplefilter("ignore")
        file = Path(folder) / "patterns.jsonl"
        if data.startswith(_ROWS):
            data = b"\n".join(json.dumps(row).encode() for row in rows_of(data[len(_ROWS) :]))
        file.write_bytes(data)
        try:
            patterns = read_patterns(file)
            lint_patterns(patterns)
            compiled = compile_patterns(patterns)
        except NertureError:
            return
        doc = _text_of(patterns)
        found = {policy: PatternSet(compiled, None, policy, MAX_TOKENS)(doc) for policy in _POLICIES}
        names = {(pattern.label, pattern.id) for pattern in patterns}
        for policy, matches in found.items():
            _check_matches(matches, len(doc), disjoint=policy != "all")
            assert set(matches) <= set(found["all"]), f"{policy}: a match that there is not"
            assert {match[2:] for match in matches} <= names, f"{policy}: a match of no pattern"
        if all(map(_is_easy, patterns)) and len(patterns) <= NAIVE_PATTERNS:
            _check_naively(patterns, doc)
        file.write_bytes(to_bytes(compiled))
        again = load_compiled(file, "patterns")
        for policy in _POLICIES:
            matches = PatternSet(again, None, policy, MAX_TOKENS)(doc)
            assert matches == found[policy], f"{policy}: a compiled file matches otherwise"


def _text_of(patterns: Sequence[Pattern]) -> Doc:
    """Return a text of the values in the patterns, and a few words."""
    forms: list[str] = []
    for pattern in patterns:
        if pattern.phrase is not None:
            forms += (
                pattern.phrase[start:end] for start, end in english_tokenizer()(pattern.phrase).tolist()
            )
        forms += _values(pattern.row)
    forms = [form[:MAX_WORD_CHARS] for form in forms if form][: MAX_WORDS - 4]
    forms = [*forms[:3], "a", "B", *forms[3:], "12", ","]
    return Doc.from_words(forms, [index % 3 > 0 for index in range(len(forms))])


def _values(written: Any) -> Iterator[str]:
    """Yield the texts in a pattern as it was written, but for the names of attributes and predicates."""
    if isinstance(written, str):
        yield written
    elif isinstance(written, (list, dict)):
        for part in written.values() if isinstance(written, dict) else written:
            yield from _values(part)


def _check_matches(matches: Sequence[Match], length: int, disjoint: bool) -> None:
    assert all(0 <= match.start < match.end <= length for match in matches), "a match is outside the text"
    bounds = [match[:2] for match in matches]
    assert bounds == sorted(bounds), "matches are out of order"
    assert len(set(matches)) == len(matches), "a match comes twice"
    if disjoint:
        assert all(before[1] <= after[0] for before, after in pairwise(bounds)), "matches overlap"


def _is_easy(pattern: Pattern) -> bool:
    """Say whether the naive matcher knows the pattern's attributes and is done with it soon."""
    if pattern.row is None:
        return True
    if len(pattern.row) > NAIVE_TOKENS:
        return False
    for token in pattern.row:
        numbers = [int(number) for number in re.findall(r"\d+", operator(token))]
        if max(numbers, default=0) > NAIVE_COUNT:
            return False
        for key, wanted in token.items():
            if key.upper() not in VALUES and key.upper() not in ("OP", "SPACY"):
                return False
            fuzzy = isinstance(wanted, dict) and any(name.upper().startswith("FUZZY") for name in wanted)
            if fuzzy and max(map(len, _values(wanted)), default=0) > NAIVE_FUZZY:
                return False
    return True


def _check_naively(patterns: Sequence[Pattern], doc: Doc) -> None:
    """Compare with a matcher that tries everything; phrases are cut at whitespace here, as it does."""
    words, spaces = doc.words, [doc.text[end : end + 1] == " " for end in doc.offsets[:, 1].tolist()]
    words, spaces = words[:NAIVE_FUZZY], spaces[:NAIVE_FUZZY]
    part = Doc.from_words([word[:NAIVE_FUZZY] for word in words], spaces)
    rows = [{"pattern": pattern.row if pattern.phrase is None else pattern.phrase} for pattern in patterns]
    hits = naive_hits(rows, part.words, spaces, MAX_TOKENS)
    distance.cache_clear()
    for policy in _POLICIES:
        chosen = sorted(hits) if policy == "all" else naive_choice(hits, policy)
        wanted = dict.fromkeys(
            Match(start, end, patterns[row].label, patterns[row].id) for start, end, row in chosen
        )
        found = PatternSet(patterns, by_spaces, policy, MAX_TOKENS)(part)
        assert found == list(wanted), f"{policy}: found {found}, trying everything finds {list(wanted)}"
