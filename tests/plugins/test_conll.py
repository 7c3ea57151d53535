import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nerture.core.annotations.record import Problem, Record
from nerture.core.errors import Origin
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.interfaces import Match
from nerture.plugins.conll import ConllReader, ConllReaderOptions, ConllWriter


def read(data, **options):
    data = data if isinstance(data, bytes) else data.encode()
    return list(ConllReader(ConllReaderOptions(**options)).read(io.BytesIO(data), "f"))


def spans(record):
    return [(record.text[span.start_char : span.end_char], span.label) for span in record.spans]


def test_texts_are_apart_by_blank_lines():
    got = read("\ufeff-DOCSTART- -X- O O\r\n\r\nNew\tB-LOC\r\nYork\tI-LOC\r\n\t\r\n \n\nis\tO\n")
    assert [(record.text, spans(record), record.origin.line) for record in got] == [
        ("New York", [("New York", "LOC")], 3),
        ("is", [], 8),
    ]
    assert got[0].offsets.tolist() == [[0, 3], [4, 8]]
    assert got[0].complete is None


def test_spaces_or_tabs_and_other_columns():
    (record,) = read("EU NNP B-NP I-ORG\nrejects  VBZ B-VP O\n")
    assert (record.text, spans(record)) == ("EU rejects", [("EU", "ORG")])
    assert record.fields == {"conll": {"columns": [["NNP", "B-NP"], ["VBZ", "B-VP"]]}}
    (record,) = read("New York\tB-LOC\t\n")
    assert spans(record) == [("New York", "LOC")]


def test_columns_by_number():
    (record,) = read("1\tB-A\tEU\n2\tO\tis\n", token_column=2, tag_column=1)
    assert (record.text, spans(record)) == ("EU is", [("EU", "A")])
    (record,) = read("EU\nis\n", tag_column=None)
    assert (record.text, record.spans) == ("EU is", None)


@pytest.mark.parametrize("bad", [{"scheme": "bioes"}, {"token_column": "x"}, {"nope": 1}])
def test_bad_options(bad):
    with pytest.raises(ValidationError):
        ConllReaderOptions(**bad)


def test_comments():
    source = "# text = EU is\n# id 4\nEU\tB-A\n# O\nis O\n"
    (record,) = read(source)
    assert record.text == "EU # is"
    assert record.fields == {"conll": {"comments": ["# text = EU is", "# id 4"]}}
    (record,) = read(source, comments=True)
    assert record.text == "EU is"
    (record,) = read("# O\nis O\n")
    assert record.text == "# is"
    assert [problem.code for problem in read(source, comments=False)] == ["bad-tag", "bad-tag"]


def test_a_bad_line_skips_only_its_text():
    first, second, third, last = read("a\tO\n\nb\nc\tX\nd\tO\n\ne\tO\n")
    assert (first.text, last.text) == ("a", "e")
    assert (second.code, second.origin.line) == ("bad-columns", 3)
    assert "expected a token and its tag (columns 0 and -1), got 1 column" in second.message
    assert (third.code, third.origin.line) == ("bad-tag", 4)
    assert (second.raw, third.raw) == ("b\nc\tX\nd\tO", "")


def test_schemes():
    assert spans(read("a\tI-A\nb\tB-A\n")[0]) == [("a", "A"), ("b", "A")]
    assert spans(read("a\tB-A\nb\tE-A\nc\tS-B\n", scheme="biluo")[0]) == [("a b", "A"), ("c", "B")]
    (problem,) = read("a\tO\nb\tI-A\n", scheme="bio")
    assert (problem.code, problem.origin.line) == ("bad-tag", 2)


def test_not_utf8():
    first, second = read(b"a\tO\n\xff\tO\n\nb\tO\n")
    assert (first.code, first.origin.line) == ("not-utf8", 2)
    assert first.raw.encode("utf-8", errors="surrogateescape") == b"a\tO\n\xff\tO"
    assert second.text == "b"


@pytest.mark.parametrize(
    ("head", "mine"),
    [
        ("EU\tB-A\nis\tO\n", True),
        ("-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\n", True),
        ("# text = x\nEU\tB-A\n", True),
        ("just some text\nmore\n", False),
        ("the letter O\nand others\n", False),
        ("", False),
        ("EU\tB-A\nis\tO\ncut", True),
    ],
)
def test_sniff(head, mine):
    assert ConllReader(ConllReaderOptions()).sniff(head) is mine


@given(
    st.binary(max_size=60) | st.text(st.sampled_from("BIO-A \t\n#x"), max_size=60).map(str.encode),
    st.sampled_from(["auto", "bio", "iob1", "biluo"]),
    st.integers(-3, 3),
    st.none() | st.integers(-3, 3),
    st.sampled_from([None, True, False]),
)
def test_any_bytes(data, scheme, token, tag, comments):
    got = read(data, scheme=scheme, token_column=token, tag_column=tag, comments=comments)
    assert all(isinstance(item, Record | Problem) for item in got)


def write(doc, found, scheme="bio", record=None):
    stream = io.StringIO()
    ConllWriter(scheme).write(stream, record or Record(doc.text, Origin("f", 1)), doc, found)
    return stream.getvalue()


def test_whitespace_tokens_are_left_out():
    doc = Doc.from_offsets("New  York \n", [[0, 3], [4, 5], [5, 9], [10, 11]])
    assert write(doc, [doc.span(0, 3, "LOC")], "biluo") == "New\tB-LOC\nYork\tL-LOC\n\n"
    with pytest.raises(DataError, match="of only whitespace"):
        write(doc, [doc.span(3, 4, "LOC")])


def test_what_columns_cannot_hold():
    doc = Doc.from_words(["a", "b\tc"])
    with pytest.raises(DataError, match=r"f:1: .*token 'b\\tc'"):
        write(doc, [])
    with pytest.raises(DataError, match="overlap"):
        write(doc, [Match(0, 2, "A", "1"), Match(1, 2, "A", "2")])


def test_columns_and_comments_come_back():
    source = "# id 4\nEU\tNNP\tB-A\nis\tVBZ\tO\n\n"
    (record,) = read(source)
    doc = Doc.from_offsets(record.text, record.offsets)
    assert write(doc, [doc.span(0, 1, "A")], record=record) == source


def test_foreign_fields_do_no_harm():
    doc = Doc.from_words(["a"])
    record = Record("a", Origin("f", 1), fields={"comments": "x", "columns": 3, "conll": "y"})
    assert write(doc, [], record=record) == "a\tO\n\n"


WORD = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=4)


@given(
    st.lists(WORD.filter(lambda word: word != "-DOCSTART-"), min_size=1, max_size=8),
    st.sampled_from(["bio", "biluo"]),
    st.data(),
)
def test_round_trip(words, scheme, data):
    doc = Doc.from_words(words)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(words)))))
    found = [
        doc.span(start, end, data.draw(st.sampled_from(["A", "B-c", "x y"])))
        for start, end in pairwise(cuts)
        if data.draw(st.booleans())
    ]
    source = write(doc, found, scheme)
    for way in ("auto", scheme):
        (record,) = read(source + source, scheme=way)[1:]
        assert record.text == doc.text
        assert record.offsets.tolist() == doc.offsets.tolist()
        assert spans(record) == [(span.text, span.label) for span in found]
