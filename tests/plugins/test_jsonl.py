import io
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.record import Problem, Record
from nerture.core.errors import Origin
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.interfaces import Match
from nerture.plugins.jsonl import JsonlReader, JsonlWriter


def read(data):
    return list(JsonlReader().read(io.BytesIO(data), "f"))


def write(record, doc, found, tokens=False):
    stream = io.StringIO()
    JsonlWriter(tokens).write(stream, record, doc, found)
    return json.loads(stream.getvalue())


def test_blank_lines_are_skipped_and_bad_ones_reported():
    got = read(b'\xef\xbb\xbf{"text": "a"}\r\n\r\n  \n{"text"\n{"text": ""}')
    assert [str(item.origin) for item in got] == ["f:1", "f:4", "f:5"]
    assert [getattr(item, "code", None) for item in got] == [None, "bad-json", None]
    assert [item.text for item in got if isinstance(item, Record)] == ["a", ""]
    assert "column 8" in got[1].message
    assert got[1].raw == '{"text"'


def test_a_text_of_a_megabyte():
    text = "word 😀 " * 150_000
    (record,) = read(json.dumps({"text": text}).encode())
    assert record.text == text


@pytest.mark.parametrize(("head", "mine"), [('{"text"', True), ('\n {"a', True), ("[1]", False), ("", False)])
def test_sniff(head, mine):
    assert JsonlReader().sniff(head) is mine


@given(
    st.binary(max_size=80) | st.text(st.sampled_from('{}[]":,text spans01\n'), max_size=60).map(str.encode)
)
def test_any_bytes(data):
    assert all(isinstance(item, Record | Problem) for item in read(data))


DOC = Doc.from_words(["take", "Xanax", "XR"])


def test_spans_are_written_with_their_tokens():
    row = write(Record(DOC.text, Origin("f", 1)), DOC, [DOC.span(1, 3, "DRUG")])
    assert row == {
        "text": "take Xanax XR",
        "spans": [{"start": 5, "end": 13, "label": "DRUG", "token_start": 1, "token_end": 2}],
    }


def test_score_and_pattern():
    record = Record(DOC.text, Origin("f", 1))
    (span,) = write(record, DOC, [DOC.span(1, 2, "DRUG", score=0.75)])["spans"]
    assert span["score"] == 0.75
    (one, other) = write(record, DOC, [Match(1, 2, "DRUG", "17"), Match(1, 3, "DRUG", "long")])["spans"]
    assert (one["pattern"], other["pattern"], other["start"], other["end"]) == ("17", "long", 5, 13)
    assert "score" not in one


def test_other_fields_are_kept():
    fields = {"meta": {"a": [1, None]}, "text": DOC.text, "_task_hash": -3}
    row = write(Record(DOC.text, Origin("f", 1), fields=fields), DOC, [])
    assert row == {**fields, "spans": []}
    assert list(row) == ["text", "meta", "_task_hash", "spans"]


@pytest.mark.parametrize(("start", "kept"), [(1, True), (0, False)])
def test_judgements_stay_with_the_spans_they_speak_of(start, kept):
    line = json.dumps({
        "text": DOC.text, "answer": "accept", "complete": ["DRUG"], "spans": [{"start": 5, "end": 10, "label":
        "DRUG"}],
    })  # fmt: skip
    (record,) = read(line.encode())
    row = write(record, DOC, [DOC.span(start, 2, "DRUG")])
    assert ("answer" in row, "complete" in row) == (kept, kept)


def test_entities_give_way_to_spans():
    (record,) = read(b'{"text": "take Xanax XR", "entities": [[5, 10, "DRUG"]]}')
    row = write(record, DOC, [])
    assert "entities" not in row
    assert row["spans"] == []


def test_tokens():
    record = Record(DOC.text, Origin("f", 1))
    assert "tokens" not in write(record, DOC, [])
    tokens = write(record, DOC, [], tokens=True)["tokens"]
    assert tokens[1] == {"text": "Xanax", "start": 5, "end": 10, "id": 1, "ws": True}
    assert not tokens[2]["ws"]
    own = [{"start": 0, "end": 4, "disabled": True}]
    (record,) = read(json.dumps({"text": "take", "tokens": own}).encode())
    assert write(record, Doc.from_offsets("take", [[0, 4]]), [])["tokens"] == own
    assert len(write(record, Doc.from_offsets("take", [[0, 2], [2, 4]]), [])["tokens"]) == 2


def test_half_a_surrogate_pair_in_a_field_is_written_back():
    (record,) = read(rb'{"text": "a", "meta": "\ud83d"}')
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    JsonlWriter().write(stream, record, Doc.from_offsets("a", [[0, 1]]), [])
    stream.flush()
    (again,) = read(stream.buffer.getvalue())
    assert again.fields["meta"] == "\ud83d"


def test_a_field_nested_too_deeply_is_an_error_that_names_the_line():
    deep = value = []
    for _ in range(100_000):
        value.append([])
        value = value[0]
    with pytest.raises(DataError, match=r"f:1: .*nested too deeply"):
        write(Record("a", Origin("f", 1), fields={"deep": deep}), Doc.from_offsets("a", [[0, 1]]), [])
    while deep:  # taken apart by hand: freeing it whole would nest as deeply
        deep = deep.pop()


@st.composite
def analysed(draw):
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
    edges = sorted(draw(st.sets(st.integers(0, len(text)))))
    offsets = [pair for pair in pairwise(edges) if draw(st.booleans())]
    doc = Doc.from_offsets(text, np.array(offsets, dtype=np.int32).reshape(-1, 2))
    cuts = sorted(draw(st.sets(st.integers(0, len(doc)))))
    found = [
        doc.span(start, end, draw(st.sampled_from(["A", "é b"])))
        for start, end in pairwise(cuts)
        if draw(st.booleans())
    ]
    return doc, found


@given(analysed(), st.dictionaries(st.sampled_from(["meta", "x"]), st.floats(allow_nan=False) | st.text()))
def test_round_trip(case, fields):
    doc, found = case
    stream = io.StringIO()
    JsonlWriter(tokens=True).write(stream, Record(doc.text, Origin("f", 1), fields=fields), doc, found)
    (record,) = read(stream.getvalue().encode("utf-8", errors="surrogatepass"))
    assert record.text == doc.text
    assert (record.offsets if len(doc) else np.empty((0, 2))).tolist() == doc.offsets.tolist()
    assert [(span.start_char, span.end_char, span.label) for span in record.spans] == [
        (span.start_char, span.end_char, span.label) for span in found
    ]
    assert {name: record.fields[name] for name in fields} == fields
