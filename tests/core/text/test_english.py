"""English, case by case; and on real annotations: do their entities fall on token boundaries?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nerture.core.text.english import english_rules, english_tokenizer
from nerture.core.text.rule_tokenizer import RuleTokenizer


def cut(text: str, tokenizer: RuleTokenizer | None = None) -> str:
    return "|".join(text[start:end] for start, end in (tokenizer or english_tokenizer())(text).tolist())


# Each row: the text's tokens between bars; the text itself is the row without them.
GLUED = """
do|n't do|n’t Do|n't ca|n't wo|n't sha|n't is|n't ai|n't could|n't|'ve do|nt ca|nt did|nt DON'T
CAN'T
I|'m I|’m i|'m I|m I|'ve I|'d|'ve you|'re you|re he|'ll she|'s she|s it|'s it|’s its Its we|'d we|d
were well hell shell shed ill they|'d|'ve
who|'s who|s what|s that|'s that|ll there|'s how|'d let|'s lets gon|na Gon|na got|ta can|not y'|all
should|ve not|'ve i|m|a wanna
rock'n'roll o'clock ma'am 'em 'cause ’cause 'Cause nothin' nothin’ O'Neil '|90s dog|'s dogs|'
Anna|’s James|'
e.g. i.e. Mr. Mrs. U.S. u.s|. a.m. p.m. Ph.D. vs. Inc. Co. Jan. Sept. St. D.C. J. j. etc|. approx|.
No|. end|. THC|. USA|. LSDs|. E.g. (|e.g.|) (|"|Mr. Dr.|Pepper
10|am 12|pm 10|a.m. 10|pm|. 13am 10AM
5|km 5|kg 5|mg 5|mg|. 100|mg|, 6|ft|. 20mcg 3x 1.5ml 20k 20|K 5|km/h 5|% 5|%|. 5|€ $|5 $|20k £|5
US$|5 5mg|/|kg 98.6|°|F|. 5|+ +|foo +5
1,000.5 1,000|, 10:30 1/2 3.14|. 5'10 1st 10|-|15 10–15 1|+|1 2|^|3 a+b 1990s -5
well|-|known a|-|b|-|c a|--|b a|—|b 5|-|htp 4|-|aco|-|dmt a-1 foo- -foo --foo foo|—|bar foo|— —|foo
a|/|b r|/|drugs /r|/|drugs 1|/|b a/1 and/or w/o w/ a|,|b 1,b a|:|b a:1 a|=|b a;b
foo|... ...|foo foo|...|bar foo|…|bar end|.|Begin end.begin e.g.this ?|! !|!|! ... .. . ,|,
(|foo|) (|a)(b|) a)b "|foo|" “|foo|” '|foo|' `|foo|` [|x|] {|x|} <|x|> ''|foo|'' foo"bar *|foo|*
*|*|bold|*|* _|it|_ #|tag C|# @user
http://foo.com/bar?x=1|)|. www.foo.com|, foo.com/bar foo@bar.com|, mailto:a@b.org <|http://x.y/z|>
https://a.b.org:8080/c#d ftp://u:p@h.org
http://localhost:8000/docs http://10.0.0.1/x 192.168.0.1 foo.c|:|d a@b a@b|.|C
:) :-) :( :P :-P :D ;) xD :'( <3 :/ ^_^ -_- ¯\\_(ツ)_/¯ hello|:) hello|:( :)|. (|:) purposes|:P 8|)
(|8|)
😀 foo|😀|bar 😀|😀 👍🏽 👨\u200d👩\u200d👧 ❤️ 🇩🇪|🇫🇷 🇩 1️⃣ 🤷🏼\u200d♀️|! foo|™ Xanax|® 😀\u200d|a
été|. cafe\u0301|. e\u0301te\u0301|-|la नमस्ते|-|नमस्ते שלום|, مرحبا|، 日本|。
"""


@pytest.mark.parametrize("row", GLUED.split())
def test_chunk(row: str) -> None:
    assert cut(row.replace("|", "")) == row


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't think so.", "I|do|n't|think|so|."),
        (" a", " |a"),
        ("a ", "a"),
        ("a  b", "a| |b"),
        ("a   ", "a|  "),
        ("a\nb", "a|\n|b"),
        ("a \n b", "a|\n |b"),
        ("a\u00a0b", "a|\u00a0|b"),
        ("  ", "  "),
        ("thanks :) bye", "thanks|:)|bye"),
        (": )", ":|)"),
        ("(page 8)", "(|page|8|)"),
        ("|", "|"),
        ("\ud800x, y", "\ud800x|,|y"),
    ],
)
def test_text(text: str, expected: str) -> None:
    assert cut(text) == expected


def test_hyphens_may_stay() -> None:
    whole = RuleTokenizer(english_rules(split_hyphens=False))
    assert cut("a well-known, 10-15 a--b", whole) == "a|well-known|,|10|-|15|a--b"


def test_own_special_cases_come_first() -> None:
    forms = {"4-AcO-DMT": ("4-AcO-DMT",), "Post-op": ("Post-op",), "mgs": ("mg", "s"), "don't": ("don't",)}
    own = RuleTokenizer(english_rules(special_cases=forms))
    assert cut("<4-AcO-DMT> (4-AcO-DMT), mgs, don't Don't my-Post-op", own) == (
        "<|4-AcO-DMT|>|(|4-AcO-DMT|)|,|mg|s|,|don't|Do|n't|my|-|Post-op"
    )


def test_the_shared_tokenizer_is_one() -> None:
    assert english_tokenizer() is english_tokenizer()


# Real annotations


def read_rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines() if line.strip()]


ANNOTATED = [
    "drugs/drugs_training.jsonl",
    "drugs/drugs_eval.jsonl",
    "food/food_data.jsonl",
    "headlines/annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl",
    "reddit_product/annotated_reddit-PRODUCT-ner.jsonl",
]


@pytest.mark.parametrize("name", ANNOTATED)
def test_gold_spans_fall_on_token_boundaries(real_data: Path, name: str) -> None:
    spans = aligned = 0
    for row in read_rows(real_data / name):
        offsets = english_tokenizer()(row["text"])
        starts, ends = set(offsets[:, 0].tolist()), set(offsets[:, 1].tolist())
        for span in row.get("spans") or ():
            spans += 1
            aligned += span["start"] in starts and span["end"] in ends
    assert spans > 300
    assert aligned / spans >= 0.995


@pytest.mark.parametrize("name", ANNOTATED[:4])
def test_tokens_agree_with_those_of_the_files(real_data: Path, name: str) -> None:
    theirs = common = mine = 0
    for row in read_rows(real_data / name):
        if "tokens" not in row:
            continue
        found = set(map(tuple, english_tokenizer()(row["text"]).tolist()))
        given = {(token["start"], token["end"]) for token in row["tokens"]}
        theirs, mine, common = theirs + len(given), mine + len(found), common + len(given & found)
    assert theirs > 3000
    assert common / theirs >= 0.999
    assert common / mine >= 0.999
