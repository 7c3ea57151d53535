"""The compiled patterns against a matcher that works on the raw rows by trying everything."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.text.doc import Doc
from nerture.core.text.lexical import norm, shape
from nerture.patterns import POLICIES, PatternSet, parse_patterns

# --- the naive matcher

VALUES = {
    "ORTH": str, "TEXT": str, "LOWER": str.lower, "NORM": norm, "SHAPE": shape, "LENGTH": len,
    "IS_ALPHA": str.isalpha, "IS_ASCII": str.isascii, "IS_DIGIT": str.isdigit, "IS_LOWER": str.islower,
    "IS_UPPER": str.isupper, "IS_TITLE": str.istitle, "IS_SPACE": str.isspace,
}  # fmt: skip


@functools.cache
def distance(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    return min(
        distance(one[1:], other) + 1,
        distance(one, other[1:]) + 1,
        distance(one[1:], other[1:]) + (one[0] != other[0]),
    )


def asks(name: str, argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        ((nested, arguments),) = argument.items()
        return any(asks(name, one, value) for one in arguments) == (nested.upper() == "IN")
    if name == "REGEX":
        return re.search(argument, value) is not None
    if name.startswith("FUZZY"):
        limit = int(name[5:]) if name[5:] else max(2, round(len(argument) * 0.3))
        return distance(value, argument) <= limit
    return {
        "IN": lambda: value in argument, "NOT_IN": lambda: value not in argument,
        "IS_SUBSET": lambda: {value}.issubset(argument), "IS_SUPERSET": lambda: {value}.issuperset(argument),
        "INTERSECTS": lambda: bool({value}.intersection(argument)),
        "==": lambda: value == argument, "!=": lambda: value != argument, ">=": lambda: value >= argument,
        "<=": lambda: value <= argument, ">": lambda: value > argument, "<": lambda: value < argument,
    }[name]()  # fmt: skip


def fits(token: dict[str, Any], form: str, space: bool) -> bool:
    good = True
    for key, wanted in token.items():
        if key.upper() == "OP":
            continue
        value = space if key.upper() == "SPACY" else VALUES[key.upper()](form)
        if isinstance(wanted, dict):
            good &= all(asks(name.upper(), argument, value) for name, argument in wanted.items())
        else:
            good &= value == wanted
    return good != (operator(token) == "!")


def operator(token: dict[str, Any]) -> str:
    return next((value for key, value in token.items() if key.upper() == "OP"), "1")


def counts(token: dict[str, Any], most: int) -> range:
    op = operator(token)
    if op in "1!":
        return range(1, 2)
    if op in "?+*":
        return {"?": range(2), "+": range(1, most + 1), "*": range(most + 1)}[op]
    low, _, high = op.strip("{}").partition(",")
    if "," not in op:
        return range(int(low), int(low) + 1)
    return range(int(low or 0), (int(high) if high else most) + 1)


def naive_ends(tokens: list[dict[str, Any]], words: list[str], spaces: list[bool], at: int) -> Iterator[int]:
    if not tokens:
        yield at
        return
    first, *rest = tokens
    for count in counts(first, len(words)):
        stretch = range(at, at + count)
        if stretch.stop <= len(words) and all(fits(first, words[place], spaces[place]) for place in stretch):
            yield from naive_ends(rest, words, spaces, at + count)


def naive_hits(
    rows: list[dict[str, Any]], words: list[str], spaces: list[bool], most: int
) -> set[tuple[int, int, int]]:
    found = set()
    for number, row in enumerate(rows):
        body = row["pattern"]
        tokens = [{"ORTH": word} for word in body.split()] if isinstance(body, str) else body
        endless = any(operator(token)[-1] in "+*" or operator(token).endswith(",}") for token in tokens)
        least = sum(counts(token, len(words)).start for token in tokens)
        for start in range(len(words)):
            for end in naive_ends(tokens, words, spaces, start):
                if end > start and (not endless or end - start <= max(most, least)):
                    found.add((start, end, number))
    return found


def naive_choice(hits: set[tuple[int, int, int]], policy: str) -> list[tuple[int, int, int]]:
    order = {
        "longest": lambda hit: (hit[0] - hit[1], hit[0], hit[2]),
        "first": lambda hit: (hit[0], hit[0] - hit[1], hit[2]),
        "priority": lambda hit: (hit[2], hit[0] - hit[1], hit[0]),
    }[policy]
    chosen: list[tuple[int, int, int]] = []
    for hit in sorted(hits, key=order):
        if all(hit[1] <= other[0] or other[1] <= hit[0] for other in chosen):
            chosen.append(hit)
    return sorted(chosen)


# --- what is tried

FORMS = ["a", "A", "b", "B", "ab", "Ab", "AB", "aab", "bbb", "12", "a1", ",", "–", "É", "\n"]
TEXTS = [*FORMS, "Xx", "x", "dd", "", "zz"]


def cased(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name, name.lower()])


def text_predicates() -> st.SearchStrategy[Any]:
    texts = st.sampled_from(TEXTS)
    several = st.lists(texts, max_size=3)
    expressions = st.sampled_from(["a", "^a", "b$", "[0-9]", "^.$", "a|b", "(?i)AB"])
    fuzzy = st.sampled_from(["FUZZY", "FUZZY1", "FUZZY2", "FUZZY9"])

    def nested(of: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
        return of | st.dictionaries(
            st.sampled_from(["IN", "NOT_IN", "in"]), st.lists(of, max_size=2), min_size=1, max_size=1
        )

    one = st.one_of(
        st.tuples(cased("REGEX"), nested(expressions)),
        st.tuples(fuzzy, nested(texts)),
        st.tuples(st.sampled_from(["IN", "NOT_IN", "IS_SUBSET", "IS_SUPERSET", "INTERSECTS", "in"]), several),
    )
    return texts | texts | st.lists(one, min_size=1, max_size=2).map(dict)


def number_predicates() -> st.SearchStrategy[Any]:
    numbers = st.integers(0, 4)
    signs = st.sampled_from(["==", "!=", ">=", "<=", ">", "<"])
    sets = st.sampled_from(["IN", "NOT_IN", "IS_SUBSET", "IS_SUPERSET", "INTERSECTS"])
    one = st.tuples(signs, numbers) | st.tuples(sets, st.lists(numbers, max_size=3))
    return numbers | st.lists(one, min_size=1, max_size=2).map(dict)


@st.composite
def tokens(draw: st.DrawFn) -> dict[str, Any]:
    conditions = st.one_of(
        st.tuples(
            st.sampled_from(["ORTH", "TEXT", "LOWER", "NORM", "SHAPE"]).flatmap(cased), text_predicates()
        ),
        st.tuples(st.sampled_from(["LOWER", "lower"]), st.sampled_from(["a", "b", "ab"])),
        st.tuples(cased("LENGTH"), number_predicates()),
        st.tuples(
            st.sampled_from([name for name in VALUES if name.startswith("IS")] + ["SPACY"]).flatmap(cased),
            st.booleans(),
        ),
    )
    token: dict[str, Any] = {}
    for key, value in draw(st.lists(conditions, max_size=2)):
        if key.upper() not in {name.upper() for name in token}:
            token[key] = value
    op = draw(
        st.sampled_from([None] * 6 + ["1", "!", "?", "+", "*", "{2}", "{1,2}", "{2,}", "{,2}", "{0,1}"])
    )
    return token if op is None else {**token, draw(cased("OP")): op}


def patterns() -> st.SearchStrategy[Any]:
    phrases = st.lists(st.sampled_from([form for form in FORMS if form.strip()]), min_size=1, max_size=3).map(
        " ".join
    )
    return st.lists(tokens(), min_size=1, max_size=4) | phrases


def rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({"label": st.sampled_from(["L", "M"]), "pattern": patterns()})
    return st.lists(row, min_size=1, max_size=5)


def texts() -> st.SearchStrategy[tuple[list[str], list[bool]]]:
    word = st.tuples(st.sampled_from(FORMS), st.booleans())
    return st.lists(word, max_size=9).map(
        lambda pairs: ([form for form, _ in pairs], [space for _, space in pairs])
    )


def by_spaces(text: str) -> Any:
    return np.array([match.span() for match in re.finditer(r"\S+", text)], dtype=np.int32).reshape(-1, 2)


@settings(max_examples=200, deadline=None)
@given(rows(), texts(), st.integers(1, 9))
def test_every_policy_finds_what_trying_everything_finds(rows: Any, text: Any, most: int) -> None:
    words, spaces = text
    doc = Doc.from_words(words, spaces)
    parsed = parse_patterns(map(json.dumps, rows))
    hits = naive_hits(rows, words, spaces, most)
    for policy in POLICIES:
        found = PatternSet(parsed, by_spaces, policy, max_tokens=most).match(doc)
        wanted = sorted(hits) if policy == "all" else naive_choice(hits, policy)
        assert found == [(start, end, rows[row]["label"], str(row + 1)) for start, end, row in wanted]


def chains() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Plain values with operators: what gates are made of."""
    ops = st.sampled_from(["1", "1", "1", "?", "+", "*", "{2}", "{1,2}", "{2,}"])
    value = st.sampled_from(["a", "b"]) | st.just({"IN": ["a", "b"]}) | st.just({"REGEX": "."})
    return st.lists(st.fixed_dictionaries({"LOWER": value, "OP": ops}), min_size=2, max_size=5)


@settings(max_examples=150, deadline=None)
@given(chains(), st.integers(2, 6))
def test_gates_open_wherever_a_match_may_begin(chain: Any, most: int) -> None:
    rows = [{"label": "L", "pattern": chain}]
    compiled = PatternSet(parse_patterns(rows), overlap="all", max_tokens=most)
    for words in itertools.product("abc", repeat=4):
        hits = naive_hits(rows, list(words), [True] * 4, most)
        assert [match[:2] for match in compiled.match(Doc.from_words(words))] == sorted(
            hit[:2] for hit in hits
        )


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_literal_index_the_gates_and_the_plain_automaton_agree(data: st.DataObject) -> None:
    attribute = data.draw(st.sampled_from(["ORTH", "LOWER", "NORM", "SHAPE"]))
    values = st.sampled_from(sorted({VALUES[attribute](form) for form in FORMS}))
    sequences = data.draw(st.lists(st.lists(values, min_size=1, max_size=4), min_size=1, max_size=8))
    words, spaces = data.draw(texts())
    doc = Doc.from_words(words, spaces)

    def found(make: Any) -> list[tuple[int, int, str, str]]:
        rows = [{"label": "L", "pattern": [make(value) for value in values]} for values in sequences]
        return PatternSet(parse_patterns(rows), overlap="all").match(doc)

    literal = found(lambda value: {attribute: value})
    assert literal == found(lambda value: {attribute: value, "LENGTH": {">": 0}})
    assert literal == found(lambda value: {attribute: {"REGEX": rf"\A{re.escape(value)}\Z"}})
