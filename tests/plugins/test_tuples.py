import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.errors import Origin
from nerture.core.text.doc import Doc
from nerture.plugins.tuples import TuplesReader, TuplesWriter

GADGET = CharSpan(0, 8, "GADGET")


def read(source):
    data = source if isinstance(source, bytes) else source.encode()
    return list(TuplesReader().read(io.BytesIO(data), "f"))


@pytest.mark.parametrize(
    "source",
    [
        '("iPhone X!", {"entities": [(0, 8, "GADGET")]})',
        "['iPhone X!', {'entities': [[0, 8, 'GADGET']]}]",
        '["iPhone X!", {"entities": [[0, 8, "GADGET"]]}]',
        '["iPhone X!", [[0, 8, "GADGET"]]]',
        '[["iPhone X!", {"entities": [[0, 8, "GADGET"]], "cats": {"A": 1.0}}]]',
        'TRAIN_DATA = [\n  # a comment\n  ("iPhone X!", {\n    "entities": [(0, 8, "GADGET")],\n    }),\n]\n',
        '[{"text": "iPhone X!", "spans": [{"start": 0, "end": 8, "label": "GADGET"}]}]',
        '{"text": "iPhone X!",\n "entities": [{"start": 0, "end": 8, "label": "GADGET"}]}',
    ],
)
def test_forms(source):
    (record,) = read(source)
    assert (record.text, record.spans) == ("iPhone X!", (GADGET,))


def test_fields_are_kept_in_the_types_of_json():
    (record,) = read('("a", {"entities": [(0, 1, "A", "Q1")], "cats": {"x": (1, None)}})')
    assert record.fields == {"text": "a", "entities": [[0, 1, "A", "Q1"]], "cats": {"x": [1, None]}}


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("('a', [f(1)])", "bad-literal", "neither JSON nor a Python literal"),
        ("('a', {'entities': [], 'x': {1, 2}})", "bad-literal", "expected a type that JSON has, got set"),
        ("('a', {'entities': [], 1: 2})", "bad-literal", "expected texts as keys, got 1"),
        ("('a', {[]: 2})", "bad-literal", "unhashable"),
        ("('a', b'')", "bad-literal", "bytes"),
        ("('a',)", "bad-literal", "expected a text and its entities"),
        ("(1, [])", "bad-literal", "expected a text and its entities"),
        ("__import__('os').remove('x')", "bad-literal", 'got "__import__'),
        ("('a', " + "(" * 300 + ")" * 300 + ")", "bad-literal", "too many nested"),
        ("('a', " + "-" * 100_000 + "1)", "bad-literal", ""),
        ("('a', " + "9" * 5000 + ")", "bad-literal", ""),
        ("('a', '\x00')", "bad-literal", "null"),
        ("('a', [(0, 5, 'A')])", "span-outside-text", "outside the text"),
        ("('\\ud83d', [])", "not-unicode", "character 0"),
        ("('a', [(0, 1)])", "bad-span", "entities[0]"),
    ],
)
def test_bad_items(source, code, words):
    (problem,) = read(source)
    assert (problem.code, problem.origin.line) == (code, 1)
    assert words in problem.message


def test_nothing_is_executed_and_lines_are_named():
    got = read("('a', [])\n('b', [(0, 9, 'A')])\n('c', [])\n")
    assert [str(item.origin) for item in got] == ["f:1", "f:2", "f:3"]
    assert isinstance(got[1], Problem)


def test_an_unknown_escape_stands_for_itself():
    (record,) = read(r"('a\d', [])")
    assert record.text == r"a\d"


@pytest.mark.parametrize(
    ("head", "mine"), [("[1", True), (" ('a'", True), ("{", False), ("text", False), ("", False)]
)
def test_sniff(head, mine):
    assert TuplesReader().sniff(head) is mine


@given(st.binary(max_size=60) | st.text(st.sampled_from("()[]{}'\",:01a\n#\\"), max_size=50).map(str.encode))
def test_any_bytes(data):
    assert all(isinstance(item, Record | Problem) for item in read(data))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), st.data())
def test_round_trip(text, data):
    doc = Doc.from_offsets(text, [[index, index + 1] for index in range(len(text))])
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    found = [doc.span(start, end, "A") for start, end in pairwise(cuts)]
    stream = io.StringIO()
    TuplesWriter().write(stream, Record(text, Origin("f", 1)), doc, found)
    assert stream.getvalue().count("\n") == 1
    (record,) = read(stream.getvalue())
    assert record.text == text
    assert record.spans == tuple(CharSpan(start, end, "A") for start, end in pairwise(cuts))
