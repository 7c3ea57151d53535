"""The rule tokenizer: invariants of every tokenization, and comparison with a naive implementation."""

from __future__ import annotations

import re
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.errors import SettingError
from nerture.core.text.english import english_rules, english_tokenizer
from nerture.core.text.rule_tokenizer import RuleTokenizer
from nerture.core.text.token_rules import CharClass, Cut, Rules

FRAGMENTS = """
    ( ) [ ] " ' '' ’ “ . , .. ... … ! ? : ; - -- — – / \\ $ € % # * & _ + = < > ~ | @ ^ ` don't I'm
they're ’s 's n't can't cannot U.S. u.s. e.g. Mr.
    Inc. a.m. p.m. 10am No. http://www.foo.com/a?b=c www.foo.org a@b.co.uk foo Bar BAZ x I A 5 10
2.5 1,000 km mg K km/h
    well-known and/or é e\u0301 ° °F ² US$ £ hello 2009 '90s :) :-( <3 :P h8 ™ 😀 👍🏽 👨\u200d👩 \u200d
🇩🇪 🇩 ❤\ufe0f א 中 नि \ud800
"""
chunks = st.lists(st.sampled_from(FRAGMENTS.split()), min_size=1, max_size=7).map("".join)
spaces = st.sampled_from([" ", " ", " ", "  ", "\n", " \n", "\t ", "\u00a0", "   "])
any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
texts = st.one_of(any_text, st.lists(st.one_of(chunks, spaces), max_size=12).map("".join))


def tokens(text: str, tokenizer: RuleTokenizer | None = None) -> list[str]:
    return [text[start:end] for start, end in (tokenizer or english_tokenizer())(text).tolist()]


# What holds for every text


@settings(max_examples=200)
@given(texts)
def test_offsets_cover_the_text_in_order(text: str) -> None:
    offsets = english_tokenizer()(text)
    assert offsets.dtype == np.int32
    assert offsets.ndim == 2
    assert offsets.shape[1] == 2
    position = 0
    for start, end in offsets.tolist():
        # between two tokens there is nothing, or one blank that follows a word
        gap = text[position:start]
        assert gap in ("", " ")
        assert not gap or (position and not text[position - 1].isspace())
        assert start < end
        position = end
    rest = text[position:]
    assert rest == "" or (rest == " " and position and not text[position - 1].isspace())


@settings(max_examples=200)
@given(texts)
def test_whitespace_tokens(text: str) -> None:
    expected = []
    for run in re.finditer(r"\s+", text):
        start, end = run.span()
        start += bool(start and text[start] == " ")
        if start < end:
            expected.append((start, end))
    found = [(start, end) for start, end in english_tokenizer()(text).tolist() if text[start].isspace()]
    assert found == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_cold_and_warm_agree(several: list[str]) -> None:
    tokenizer = RuleTokenizer(english_rules())
    cold = [tokenizer(text).tolist() for text in several]
    assert [tokenizer(text).tolist() for text in several] == cold
    assert [RuleTokenizer(english_rules())(text).tolist() for text in several] == cold


def test_cache_is_bounded() -> None:
    tokenizer = RuleTokenizer(english_rules())
    tokenizer("warm up: the first pages of the table")
    before = tokens("i'm #1!", tokenizer)
    tracemalloc.start()
    try:
        for block in range(12):  # 180,000 different chunks
            tokenizer(" ".join(f"w{number}x" for number in range(block * 15_000, (block + 1) * 15_000)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 15_000_000
    assert tokens("i'm #1!", tokenizer) == before == ["i", "'m", "#", "1", "!"]


def test_many_threads_agree() -> None:
    tokenizer = RuleTokenizer(english_rules())
    blocks = [
        " ".join(f"don't{n}, ({n}mg/{n}) x{n}😀\u4e00{chr(0x3000 + n)}" for n in range(k, k + 200))
        for k in range(0, 4000, 100)
    ]
    expected = [english_tokenizer()(block).tolist() for block in blocks]
    with ThreadPoolExecutor(8) as pool:
        assert [found.tolist() for found in pool.map(tokenizer, blocks)] == expected


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a b ",
        "(",
        ".",
        "...",
        "a-",
        "5-",
        ":(",
        "@",
        "a@b.",
        "a.b",
        "a://",
        "'s",
        "%.",
        "😀",
        "🇩",
        "😀\u200d",
        "\ud800",
        " ",
        "\n ",
    ],
)
def test_a_megabyte_in_one_line_takes_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    offsets = english_tokenizer()(text)
    assert time.process_time() - began < 10  # quadratic time would be hours
    assert offsets[0, 0] == 0
    assert offsets[-1, 1] >= len(text) - 1


def test_empty_text() -> None:
    assert english_tokenizer()("").shape == (0, 2)


def test_only_text_is_accepted() -> None:
    for wrong in (None, b"bytes", 3):
        with pytest.raises(TypeError):
            english_tokenizer()(wrong)  # type: ignore[arg-type]


# The naive implementation


def class_pattern(rules: Rules, names: str, text: str) -> str:
    found = {c for c in text for name in names.split("|") if c in rules.classes[name]}
    return "[" + "".join(map(re.escape, sorted(found))) + "]" if found else "(?!)."


def cut_pattern(rules: Rules, cut: Cut, text: str) -> re.Pattern[str]:
    piece = "|".join(map(re.escape, sorted(cut.forms, key=len, reverse=True)))
    if cut.one_of:
        piece = class_pattern(rules, cut.one_of, text) + (f"{{{cut.run},}}" if cut.run > 1 else "")
    before = after = ""
    if cut.before:
        before = "(?<=" + "".join(class_pattern(rules, names, text) for names in cut.before.split()) + ")"
    if cut.after.startswith("!"):
        after = "(?!" + class_pattern(rules, cut.after[1:], text) + ")"
    elif cut.after:
        after = "(?=" + "".join(class_pattern(rules, names, text) for names in cut.after.split()) + ")"
    return re.compile(f"{before}(?:{piece}){after}")


SYMBOL_TAIL = "(?:[\u200d\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|(?<=\u200d)(?:%s))*"


def naive_chunk(rules: Rules, chunk: str) -> list[str]:
    """Cut one chunk, by slices and regular expressions."""
    prefixes = [cut_pattern(rules, cut, chunk) for cut in rules.prefixes]
    suffixes = [cut_pattern(rules, cut, chunk) for cut in rules.suffixes]
    infixes = [cut_pattern(rules, cut, chunk) for cut in rules.infixes]
    special = rules.special_cases

    def longest(patterns: list[re.Pattern[str]], text: str, at: int) -> int:
        return max((m.end() - at for p in patterns if (m := p.match(text, at))), default=0)

    def peel(start: int, stop: int) -> list[str]:
        front: list[str] = []
        back: list[str] = []
        while start < stop and chunk[start:stop] not in special:
            head = longest(prefixes, chunk[:stop], start)
            if head and chunk[start + head : stop] in special:
                front.append(chunk[start : start + head])
                start += head
                break
            tail = max(
                (
                    stop - at
                    for at in range(start + head, stop)
                    for p in suffixes
                    if p.fullmatch(chunk[:stop], at)
                ),
                default=0,
            )
            if tail and chunk[start : stop - tail] in special:
                head = 0
            if not head and not tail:
                break
            if head:
                front.append(chunk[start : start + head])
            if tail:
                back.insert(0, chunk[stop - tail : stop])
            start, stop = start + head, stop - tail
        middle = chunk[start:stop]
        if middle in special:
            return [*front, *special[middle], *back]
        if not middle or (rules.addresses and naive_address(middle)):
            return [*front, *filter(None, [middle]), *back]
        pieces, part, here = [], 0, 1
        while here < len(middle):
            if length := longest(infixes, middle, here):
                pieces += [middle[part:here], middle[here : here + length]]
                part = here = here + length
            else:
                here += 1
        return [*front, *filter(None, [*pieces, middle[part:]]), *back]

    if chunk in special:
        return list(special[chunk])
    symbol = class_pattern(rules, rules.symbols, chunk)
    found, at = [], 0
    for match in re.finditer(f"[\U0001f1e6-\U0001f1ff]{{2}}|{symbol}{SYMBOL_TAIL % symbol}", chunk):
        found += [*peel(at, match.start()), match.group()]
        at = match.end()
    return rejoin([*found, *peel(at, len(chunk))], special)


def naive_address(text: str) -> bool:
    scheme = re.match(r"[\w+.-]{2,}://(?=.)", text, re.DOTALL)
    after_ats = [text[match.end() :] for match in re.finditer("(?<!^)@", text)]
    return is_host(text[scheme.end() :] if scheme else text, bool(scheme)) or any(
        is_host(t, False) for t in after_ats
    )


def is_host(text: str, scheme: bool) -> bool:
    host, rest = re.fullmatch(r"([\w.-]*)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    names = host.split(".")
    if not all(1 <= len(name) <= 63 and name[0].isalnum() and name[-1].isalnum() for name in names):
        return False
    word = len(names) > 1 and len(names[-1]) > 1 and all(c.islower() for c in names[-1])
    numbers = len(names) == 4 and all(name.isdigit() for name in names)
    return (scheme or word or numbers) and bool(re.fullmatch(r"(:[0-9]{2,5})?([/?#].*)?", rest, re.DOTALL))


def rejoin(pieces: list[str], special: dict[str, tuple[str, ...]]) -> list[str]:
    joinable = {
        form for form, parts in special.items()
        if len(parts) == 1 and (len(form) > 2 or (len(form) == 2 and not form[0].isalnum()))
    }  # fmt: skip
    joined = []
    while pieces:
        count = max((n for n in range(2, len(pieces) + 1) if "".join(pieces[:n]) in joinable), default=1)
        joined.append("".join(pieces[:count]))
        pieces = pieces[count:]
    return joined


@settings(max_examples=200, deadline=None)
@given(chunks)
def test_agrees_with_the_naive_implementation(chunk: str) -> None:
    rules = english_tokenizer().rules
    assert tokens(chunk) == naive_chunk(rules, chunk)


OTHER_RULES = Rules(
    classes={
        "low": CharClass(chars="ab"), "high": CharClass(("Lu",), excluded="Z"), "bar": CharClass(chars="|-"),
        "star": CharClass(chars="*☆"),
    },
    prefixes=(
        Cut(one_of="bar", run=2), Cut(forms=frozenset({"a-", "a-b", "-A"})),
        Cut(forms=frozenset({"b"}), after="!high"), Cut(forms=frozenset({"a"}), after="bar"),
    ),
    suffixes=(
        Cut(one_of="bar", before="low high"), Cut(forms=frozenset({"B", "aB"}), before="low|bar"),
        Cut(one_of="bar", run=3),
    ),
    infixes=(
        Cut(forms=frozenset({"-", "--", "|-"}), before="high", after="low|high"),
        Cut(one_of="low", before="high", after="high low"), Cut(forms=frozenset({"B"}), after="low"),
    ),
    special_cases={"a-A": ("a", "-A"), "--": ("--",), "AbZ": ("AbZ",), "-|": ("-|",), "BaB": ("B", "aB")},
    symbols="star",
    addresses=False,
)  # fmt: skip


@settings(max_examples=200)
@given(st.text(alphabet="abABZ-|*☆", min_size=1, max_size=14))
def test_agrees_on_rules_of_another_language(chunk: str) -> None:
    assert tokens(chunk, RuleTokenizer(OTHER_RULES)) == naive_chunk(OTHER_RULES, chunk)


# What rules are refused


@pytest.mark.parametrize(
    ("form", "pieces"),
    [("ab", ("a", "c")), ("ab", ("ab", "")), ("", ()), ("a b", ("a", " b")), ("a" * 101, ("a" * 101,))],
)
def test_special_cases_that_do_not_fit_are_refused(form: str, pieces: tuple[str, ...]) -> None:
    with pytest.raises(SettingError, match="special case"):
        english_rules(special_cases={form: pieces})


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (Cut(one_of="lwo"), "character class: expected one of low, got 'lwo'"),
        (Cut(one_of="low", before="low low low"), "a context of at most 2 characters"),
        (Cut(), "either forms"),
        (Cut(one_of="low", forms=frozenset("x")), "either forms"),
        (Cut(forms=frozenset({""})), "none of them empty"),
    ],
)
def test_cuts_that_make_no_sense_are_refused(cut: Cut, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Rules(classes={"low": CharClass(chars="ab")}, prefixes=(cut,))


def test_too_many_cuts_or_classes_are_refused() -> None:
    with pytest.raises(SettingError, match="cuts with forms"):
        Rules(classes={}, prefixes=(Cut(forms=frozenset("x")),) * 24)
    with pytest.raises(SettingError, match="classes"):
        Rules(classes={str(n): CharClass() for n in range(41)})
