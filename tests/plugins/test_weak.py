"""The source ``weak``: hits of rules as beliefs, their reliability, and which of several is believed."""

from __future__ import annotations

import json

import pytest

from nerture.errors import ConfigError, DataError, PatternError, SettingError
from nerture.interfaces import Match, Problem
from nerture.plugins.weak import WeakOptions, make_weak

TEXTS = ["take blood orange juice daily", "", "nothing here", "orange , blood orange"]
RULES = [
    {"label": "A", "pattern": "blood orange", "id": "blood"},
    {"label": "B", "pattern": "orange", "id": "orange"},
    {"label": "A", "pattern": [{"LOWER": "orange"}, {"LOWER": "juice"}], "id": "juice"},
]


@pytest.fixture
def texts(write):
    write("rules.jsonl", *RULES)
    return write("texts.txt", *TEXTS)


def weak(services, texts, **options):
    return list(make_weak(WeakOptions(path=texts, **options), services).targets())


def beliefs(target):
    return [(belief.span.text, belief.span.label, round(belief.probability, 4)) for belief in target.beliefs]


def test_hits_are_believed(services, texts):
    first, second = weak(services(), texts, patterns="rules.jsonl")
    assert (first.doc.text, first.origin.line) == (TEXTS[0], 1)
    assert beliefs(first) == [("blood orange", "A", 0.8)]
    assert beliefs(second) == [("orange", "B", 0.8), ("blood orange", "A", 0.8)]
    assert not first.rules_out
    assert first.beliefs[0].span.doc is first.doc


def test_texts_without_a_hit_come_if_they_are_wanted(services, texts):
    found = weak(services(), texts, patterns="rules.jsonl", include_unmatched=True)
    assert [target.doc.text for target in found] == TEXTS
    assert [bool(target.beliefs) for target in found] == [True, False, False, True]


def test_records_make_a_pattern_more_or_less_reliable(services, texts, write):
    records = write(
        "records.jsonl",
        {"pattern": "blood", "accepted": 1, "rejected": 9},
        {"pattern": "orange", "accepted": 20, "rejected": 0},
        {"pattern": "orange", "accepted": 10, "rejected": 0},
        {"pattern": "some other", "accepted": 1, "rejected": 1},
    )
    first, second = weak(services(), texts, patterns="rules.jsonl", pattern_stats=records)
    assert beliefs(first) == [("orange", "B", round((30 + 8) / 40, 4))]
    assert beliefs(second) == [("orange", "B", 0.95), ("orange", "B", 0.95)]
    options = {"pattern_stats": records, "overlap": "all", "reliability": 0.5, "prior_strength": 2}
    first, _ = weak(services(), texts, patterns="rules.jsonl", **options)
    assert beliefs(first) == [
        ("blood orange", "A", round((1 + 1) / 12, 4)),
        ("orange", "B", round((30 + 1) / 32, 4)),
        ("orange juice", "A", 0.5),
    ]


@pytest.mark.parametrize(
    ("overlap", "wanted"),
    [
        ("reliable", ["orange"]),
        ("longest", ["orange juice"]),
        ("first", ["blood orange"]),
        ("all", ["blood orange", "orange", "orange juice"]),
    ],
)
def test_which_of_overlapping_hits_is_used(services, texts, write, overlap, wanted):
    records = write(
        "records.jsonl",
        {"pattern": "orange", "accepted": 9, "rejected": 0},
        {"pattern": "juice", "accepted": 3, "rejected": 0},
    )
    first, _ = weak(services(), texts, patterns="rules.jsonl", pattern_stats=records, overlap=overlap)
    assert [text for text, _, _ in beliefs(first)] == wanted


class Finds:
    """A matcher that finds one word."""

    def __init__(self, word, label, pattern):
        self.word, self.labels, self.pattern = word, (label,), pattern

    def __call__(self, doc):
        return [
            Match(place, place + 1, self.labels[0], self.pattern)
            for place, token in enumerate(doc)
            if token.text == self.word
        ]


def test_the_pipelines_weak_matchers_are_asked(services, texts, write):
    records = write("records.jsonl", {"pattern": "p", "accepted": 90, "rejected": 0})
    matchers = {"weak": [Finds("juice", "A", "p"), Finds("juice", "A", "q"), Finds("daily", "X", "q")]}
    pipeline = services(matchers=matchers)
    with pytest.raises(SettingError, match="the matcher's label 'X' is not a label of the pipeline"):
        weak(pipeline, texts)
    (first,) = weak(pipeline, texts, map={"X": "B"}, pattern_stats=records)
    assert beliefs(first) == [("juice", "A", 0.98), ("daily", "B", 0.8)]
    (first,) = weak(pipeline, texts, map={"X": None})
    assert beliefs(first) == [("juice", "A", 0.8)]


def test_without_rules_it_is_an_error(services, texts):
    with pytest.raises(
        ConfigError, match="patterns: missing; name some, or give a matcher of the pipeline `as: weak`"
    ):
        weak(services(), texts)


def test_problems_of_files_are_reported(services, texts, write):
    with pytest.raises(PatternError, match=r"bad\.jsonl:1"):
        weak(services(), texts, patterns=write("bad.jsonl", {"label": "A"}))
    with pytest.raises(DataError, match=r"gone\.jsonl: cannot read pattern stats: No such file"):
        weak(services(), texts, patterns="rules.jsonl", pattern_stats="gone.jsonl")
    rows = write("rows.jsonl", "{", {"text": "orange"})
    problem, target = weak(services(), rows, patterns="rules.jsonl")
    assert isinstance(problem, Problem)
    assert beliefs(target) == [("orange", "B", 0.8)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "r.jsonl:2: not usable JSON"),
        ([1], r"r.jsonl:2: expected an object with .*, got \[1\]"),
        ({"pattern": "a", "accepted": 1}, "r.jsonl:2: expected an object"),
        (
            {"pattern": "a", "accepted": 1, "rejected": 1, "more": 1},
            "r.jsonl:2: expected an object with .* got",
        ),
        (
            {"pattern": 3, "accepted": 1, "rejected": 1},
            "r.jsonl:2: pattern: expected a pattern's id, a string, got 3",
        ),
        (
            {"pattern": "a", "accepted": -1, "rejected": 1},
            "r.jsonl:2: accepted: expected a whole number, 0 or more, got -1",
        ),
        ({"pattern": "a", "accepted": 1, "rejected": True}, "r.jsonl:2: rejected: expected .*, got True"),
        ({"pattern": "a", "accepted": 1, "rejected": 0.5}, "r.jsonl:2: rejected: expected .*, got 0.5"),
    ],
)
def test_records_are_checked_line_by_line(services, texts, write, row, message):
    write("r.jsonl", json.dumps({"pattern": "a", "accepted": 1, "rejected": 1}), row, "", row)
    with pytest.raises(DataError, match=message) as caught:
        weak(services(), texts, patterns="rules.jsonl", pattern_stats="r.jsonl")
    assert "r.jsonl:4:" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reliability": 1}, "reliability: expected less than 1, got 1"),
        ({"reliability": 0}, "reliability: expected more than 0, got 0"),
        ({"prior_strength": 0}, "prior_strength: expected more than 0, got 0"),
        ({"overlap": "best"}, "overlap: expected"),
        ({"patterns": []}, "patterns: expected a list of 1 or more"),
    ],
)
def test_options_are_checked(registry, options, message):
    with pytest.raises(ConfigError, match=message):
        registry.options("source", "weak", {"path": "x", **options})
