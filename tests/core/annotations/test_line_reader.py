import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations import line_reader as lines
from nerture.core.annotations.line_reader import Line, decode_lines
from nerture.core.annotations.record import Problem


def read(data):
    return list(decode_lines(io.BytesIO(data), "f"))


def test_line_ends_and_byte_order_mark():
    assert read(b"\xef\xbb\xbfa\r\n\r\nb\rc\n\nlast") == [
        Line(1, "a"), Line(2, ""), Line(3, "b\rc"), Line(4, ""), Line(5, "last"),
    ]  # fmt: skip


def test_only_newlines_end_a_line():
    assert read("a\u2028b\x0bc\x85d\n".encode()) == [Line(1, "a\u2028b\x0bc\x85d")]


def test_empty_file():
    assert read(b"") == []
    assert read(b"\n") == [Line(1, "")]


def test_bad_byte_is_named_with_its_offset():
    first, bad, last = read("é\n".encode() + b"ab\xffc\n" + b"d")
    assert (first, last) == (Line(1, "é"), Line(3, "d"))
    assert (bad.code, str(bad.origin)) == ("not-utf8", "f:2")
    assert "byte 0xff at offset 5 of the file (2 of the line)" in bad.message
    assert bad.raw.encode("utf-8", errors="surrogateescape") == b"ab\xffc"


def test_byte_order_mark_counts_in_the_offset():
    (bad,) = read(b"\xef\xbb\xbfab\xff")
    assert "offset 5 of the file (2 of the line)" in bad.message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_one_problem(encoding):
    (problem,) = read("\ufeffone\ntwo\nthree".encode(encoding))
    assert problem.code == "not-utf8"
    assert "UTF-16" in problem.message


def test_overlong_line_is_skipped_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 8)
    first, problem, last = read(b"1234567\n" + b"x" * 30 + b"\nend\n")
    assert (first, last) == (Line(1, "1234567"), Line(3, "end"))
    assert (problem.code, problem.origin.line) == ("line-too-long", 2)


def test_offset_after_an_overlong_line(monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 8)
    _, bad = read(b"x" * 30 + b"\n\xff")
    assert "offset 31 of the file" in bad.message


@given(st.binary(max_size=60))
def test_any_bytes(data):
    got = read(data)
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert len(got) == data.removeprefix(b"\xef\xbb\xbf").count(b"\n") + (
            not data.endswith(b"\n") and bool(data)
        )
    assert all(isinstance(item, Line | Problem) for item in got)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"))))
def test_text_comes_back(texts):
    data = "".join(f"{text}\n" for text in texts).encode()
    if not data.startswith(b"\xef\xbb\xbf"):
        assert [line.text for line in read(data)] == texts
