import io

from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations.record import Problem, Record
from nerture.plugins.plain_text import TextReader


def read(data):
    return list(TextReader().read(io.BytesIO(data), "f"))


def test_a_text_a_line_the_empty_ones_too():
    got = read("\ufeffone\r\n\nשלום e\u0301 👩‍👧\n".encode())
    assert [(record.text, record.origin.line, record.spans) for record in got] == [
        ("one", 1, None), ("", 2, None), ("שלום e\u0301 👩‍👧", 3, None),
    ]  # fmt: skip


def test_a_bad_line_does_not_stop_the_others():
    got = read(b"a\n\xff\nb")
    assert [type(item) for item in got] == [Record, Problem, Record]


def test_it_claims_no_file():
    assert not TextReader().sniff("some text\n")


@given(st.binary(max_size=60))
def test_any_bytes(data):
    assert all(isinstance(item, Record | Problem) for item in read(data))
