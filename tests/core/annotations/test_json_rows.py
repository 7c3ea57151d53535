import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.json_rows import format_value, read_json_row, read_row
from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.errors import Origin

HERE = Origin("f", 3)


def read(row):
    return list(read_row(row, HERE, "raw"))


def span(start, end, label="L", **more):
    return {"start": start, "end": end, "label": label, **more}


BAD = [
    (["a"], "not-an-object", "expected an object with a text, got a list"),
    (None, "not-an-object", "got null"),
    ({"spans": []}, "missing-text", "the row has no text"),
    ({"text": None}, "text-not-string", "text: expected a string, got null"),
    ({"text": 3}, "text-not-string", "got a number"),
    ({"text": "ab\ud800"}, "not-unicode", "at character 2"),
    ({"text": "abc", "spans": {}}, "bad-span", "spans: expected a list, got an object"),
    ({"text": "abc", "spans": ["x"]}, "bad-span", "with start, end and label, got 'x'"),
    ({"text": "abc", "spans": [{"start": 0}]}, "bad-span", "spans[0] has no end and no label"),
    ({"text": "abc", "spans": [span("0", 1)]}, "bad-span", "whole numbers as start and end, got '0' and 1"),
    ({"text": "abc", "spans": [span(0, True)]}, "bad-span", "got 0 and True"),
    ({"text": "abc", "spans": [span(0.0, 1)]}, "bad-span", "got 0.0 and 1"),
    ({"text": "abc", "spans": [span(0, float("nan"))]}, "bad-span", "nan"),
    ({"text": "abc", "spans": [span(0, 1, "")]}, "bad-label", "as label, got ''"),
    ({"text": "abc", "spans": [span(0, 1, None)]}, "bad-label", "as label, got None"),
    ({"text": "abc", "spans": [span(0, 1, "A\tB")]}, "bad-label", "printable"),
    ({"text": "abc", "spans": [span(1, 1)]}, "span-empty", "(characters 1 to 1) is empty"),
    ({"text": "abc", "spans": [span(2, 1)]}, "span-empty", "expected an end after its start"),
    ({"text": "abc", "spans": [span(-1, 1)]}, "span-outside-text", "(characters -1 to 1) is outside"),
    ({"text": "abc", "spans": [span(1, 4)]}, "span-outside-text", "expected characters 0 to 3"),
    ({"text": "abc", "spans": [span(1, 10**200)]}, "span-outside-text", "is outside the text"),
    ({"text": "abc", "spans": [span(0, 2, text="xy")]}, "span-text-differs", "'ab', but its text is 'xy'"),
    ({"text": "😀 abc d", "spans": [span(3, 6, text="abc")]}, "span-text-differs", "count UTF-16 units"),
    ({"text": "é abc d", "spans": [span(3, 6, text="abc")]}, "span-text-differs", "count UTF-8 bytes"),
    ({"text": "abc", "spans": [span(0, 1, answer="yes")]}, "bad-answer", "spans[0].answer: expected accept"),
    ({"text": "abc", "answer": "maybe"}, "bad-answer", "answer: expected accept, reject or ignore"),
    ({"text": "abc", "answer": []}, "bad-answer", "got []"),
    ({"text": "abc", "complete": "yes"}, "bad-complete", "true, false or a list of labels, got 'yes'"),
    ({"text": "abc", "complete": [1]}, "bad-complete", "a list of labels"),
    ({"text": "abc", "tokens": "abc"}, "bad-tokens", "tokens: expected a list, got a string"),
    ({"text": "abc", "tokens": ["abc"]}, "bad-tokens", "whole numbers as start and end, got 'abc'"),
    ({"text": "abc", "tokens": [{"start": 0, "end": 4}]}, "bad-tokens", "within characters 0 to 3, got"),
    ({"text": "abc", "tokens": [{"start": 1, "end": 1}]}, "bad-tokens", "non-empty"),
    ({"text": "abc", "tokens": [{"start": 0, "end": 2}, {"start": 1, "end": 3}]}, "bad-tokens", "tokens[1]"),
    ({"text": "abc", "tokens": [{"start": 0, "end": 10**30}]}, "bad-tokens", "tokens[0]"),
    ({"text": "abc", "tokens": [{"start": 0, "end": 3, "text": "ab"}]}, "bad-tokens", "'abc', but its text"),
    ({"text": "abc", "entities": [[0, 1]]}, "bad-span", "entities[0]: expected an object or a list"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "code", "words"), BAD)
def test_bad_rows(row, code, words):
    (problem,) = read(row)
    assert (problem.code, problem.origin, problem.raw) == (code, HERE, "raw")
    assert words in problem.message


def test_every_problem_of_a_row_is_reported_and_only_the_first_has_the_row():
    problems = read({"text": "abc", "spans": [span(0, 9), span(0, 1), span(2, 2)], "answer": "no"})
    assert [problem.code for problem in problems] == ["span-outside-text", "span-empty", "bad-answer"]
    assert [problem.raw for problem in problems] == ["raw", "", ""]


def test_a_good_row_is_kept_whole():
    row = {
        "text": "ab cd", "answer": "accept", "complete": ["L"], "meta": {"source": "x"}, "_task_hash": 7,
        "tokens": [{"text": "ab", "start": 0, "end": 2, "ws": True}, {"start": 3, "end": 5, "id": 1}],
        "spans": [span(3, 5, token_start=1, token_end=1)],
    }  # fmt: skip
    (record,) = read(row)
    assert (record.text, record.origin, record.answer) == ("ab cd", HERE, "accept")
    assert record.complete == frozenset({"L"})
    assert record.spans == (CharSpan(3, 5, "L"),)
    assert record.offsets.dtype == np.int32
    assert record.offsets.tolist() == [[0, 2], [3, 5]]
    assert record.fields == row
    assert not record.binary


@pytest.mark.parametrize(
    ("row", "spans"),
    [
        ({}, None),
        ({"spans": None}, None),
        ({"spans": []}, ()),
        ({"entities": [[0, 1, "L"]]}, (CharSpan(0, 1, "L"),)),
        ({"entities": [(0, 1, "L", "Q42")]}, (CharSpan(0, 1, "L"),)),
        ({"entities": [span(0, 1)]}, (CharSpan(0, 1, "L"),)),
        ({"entities": [[0, 1, "L"]], "spans": []}, ()),
        ({"entities": ["somebody", "somewhere"]}, None),
    ],
)
def test_spans_of_a_row(row, spans):
    (record,) = read({"text": "abc", **row})
    assert record.spans == spans


@pytest.mark.parametrize(
    ("row", "binary"),
    [
        ({"spans": [span(0, 1)]}, False),
        ({"spans": [span(0, 1)], "answer": "reject"}, False),
        ({"spans": [span(0, 1, answer="reject")]}, True),
        ({"spans": [span(0, 1)], "_is_binary": True}, True),
        ({"spans": [span(0, 1)], "_is_binary": False}, False),
    ],
)
def test_answers_to_questions(row, binary):
    (record,) = read({"text": "abc", **row})
    assert record.binary is binary


@pytest.mark.parametrize("empty", [None, []])
def test_no_tokens(empty):
    (record,) = read({"text": "abc", "tokens": empty})
    assert record.offsets is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"text": "a" "b"}', "column 14"),
        ("", "Expecting value"),
        ("[" * 100_000, "nested too deeply"),
        ('{"text": "a", "n": ' + "9" * 5000 + "}", "not usable JSON"),
    ],
)
def test_bad_json(text, words):
    (problem,) = read_json_row(text, HERE)
    assert problem.code == "bad-json"
    assert words in problem.message
    assert problem.raw == text


def test_json_of_nan_and_duplicate_keys():
    (record,) = read_json_row('{"text": "a", "score": NaN, "text": "b"}', HERE)
    assert record.text == "b"


def test_deep_values_do_not_break_messages():
    for depth in (100, 500, 900, 980):
        deep = "[" * depth + "]" * depth
        for row in (
            '{"text": "a", "spans": [%s]}',
            '{"text": "a", "answer": %s}',
            '{"text": "a", "tokens": [%s]}',
        ):
            assert all(isinstance(item, Problem) for item in read_json_row(row % deep, HERE))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["start", "end", "label", "answer", "text", "x"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(["text", "spans", "entities", "tokens", "answer", "complete", "_is_binary", "meta"])


@given(st.dictionaries(NAMES, VALUES), st.text(max_size=5))
def test_any_object_is_a_record_or_problems(row, text):
    for candidate in (row, {**row, "text": text}):
        got = read(candidate)
        assert got
        assert len(got) == 1 or all(isinstance(item, Problem) for item in got)
        if isinstance(got[0], Record):
            for found in got[0].spans or ():
                assert 0 <= found.start_char < found.end_char <= len(got[0].text)
        assert list(read_json_row(json.dumps(candidate), HERE))


def test_format_value_is_short():
    assert format_value("x" * 1000).startswith("'xxx")
    assert len(format_value("x" * 1000)) < 50
    assert format_value(3) == "3"
