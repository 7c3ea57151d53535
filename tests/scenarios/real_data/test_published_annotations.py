"""Published annotations load without a problem, and nothing of them is lost on the way."""

import json
from collections import Counter

import pytest

from nerture.files.corpus import read_records
from nerture.interfaces import Problem, Target
from nerture.plugins.answers import AnswersOptions, make_answers
from nerture.plugins.gold import GoldOptions, make_gold

JSONL = [
    "drugs/drugs_training.jsonl",
    "drugs/drugs_eval.jsonl",
    "food/food_data.jsonl",
    "food/reddit_r_cooking_sample.jsonl",
    "headlines/annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl",
    "reddit_product/annotated_reddit-PRODUCT-ner.jsonl",
]


@pytest.mark.parametrize("name", JSONL)
def test_json_lines(real_data, registry, services, name):
    raw = [
        json.loads(line)
        for line in (real_data / name).read_text(encoding="utf-8").split("\n")
        if line.strip()
    ]
    records = list(read_records(real_data / name, registry, services))
    assert not [str(record) for record in records if isinstance(record, Problem)]
    assert [record.text for record in records] == [row["text"] for row in raw]
    for record, row in zip(records, raw, strict=True):
        spans = None if record.spans is None else [(s.start_char, s.end_char, s.label) for s in record.spans]
        assert spans == (
            None if "spans" not in row else [(s["start"], s["end"], s["label"]) for s in row["spans"]]
        )
        assert record.answer == row.get("answer")
        assert record.fields == row
    assert all(record.binary for record in records) == name.startswith("reddit_product")


@pytest.mark.parametrize(
    ("name", "texts", "spans", "left_out"),
    [
        ("drugs/drugs_training.jsonl", 1477, 1105, 0),
        ("drugs/drugs_eval.jsonl", 500, 362, 0),
        ("food/food_data.jsonl", 949, 1904, 0),
        ("headlines/annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl", 372, 303, 1),
        ("wnut17/wnut17train.conll", 3394, 1975, 0),
        ("wnut17/emerging.dev.conll", 1009, 836, 0),
        ("wnut17/emerging.test.annotated", 1287, 1079, 0),
    ],
)
def test_gold(real_data, services, name, texts, spans, left_out):
    got = list(make_gold(GoldOptions(path=str(real_data / name)), services).targets())
    targets = [item for item in got if isinstance(item, Target)]
    assert {item.severity for item in got if isinstance(item, Problem)} <= {"note"}
    assert (len(targets), len(got) - len(targets)) == (texts, left_out)
    assert sum(len(target.spans) for target in targets) == spans
    assert all(target.complete is True for target in targets)


def test_answers_to_questions_are_no_gold(real_data, services):
    name = "reddit_product/annotated_reddit-PRODUCT-ner.jsonl"
    got = list(make_gold(GoldOptions(path=str(real_data / name)), services).targets())
    assert {item.code for item in got} == {"binary-answer"}
    assert len(got) == 1800


def test_answers(real_data, registry, services):
    path = str(real_data / "reddit_product/annotated_reddit-PRODUCT-ner.jsonl")
    records = list(read_records(path, registry, services))
    answers = Counter(record.answer for record in records)
    assert answers == {"accept": 438, "reject": 1276, "ignore": 86}
    assert len({record.text for record in records}) == 1766
    asked = {"accept": set(), "reject": set(), "ignore": set()}
    for record in records:
        for span in record.spans:
            asked[span.answer].add((record.text, span.start_char, span.end_char))
    got = list(make_answers(AnswersOptions(path=path), services).targets())
    targets = [item for item in got if isinstance(item, Target)]
    assert {item.code for item in got if isinstance(item, Problem)} == {"left-out"}
    assert sum(isinstance(item, Problem) for item in got) == len(
        [span for record in records for span in record.spans if span.answer == "ignore"]
    )
    accepted = {(t.doc.text, span.start_char, span.end_char) for t in targets for span in t.spans}
    rejected = {(t.doc.text, span.start_char, span.end_char) for t in targets for span in t.rejected}
    assert (accepted, rejected) == (asked["accept"], asked["reject"])
    assert (len(targets), len(accepted), len(rejected)) == (1683, 435, 1274)
    assert not any(target.complete or target.not_together for target in targets)
    order = {text: place for place, text in enumerate(dict.fromkeys(record.text for record in records))}
    assert [order[t.doc.text] for t in targets] == sorted(order[t.doc.text] for t in targets)


@pytest.mark.parametrize(
    ("name", "words"),
    [("wnut17train.conll", 62_730), ("emerging.dev.conll", 15_733), ("emerging.test.annotated", 23_394)],
)
def test_words_of_columns(real_data, registry, services, name, words):
    records = list(
        read_records(
            real_data / "wnut17" / name, registry, services, format={"use": "conll", "scheme": "bio"}
        )
    )
    assert sum(len(record.offsets) for record in records if not isinstance(record, Problem)) == words
