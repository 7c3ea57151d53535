import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.errors import ConfigError
from nerture.files.environment import expand

ENVIRON = {"A": "1", "EMPTY": "", "LONG_NAME_2": "x y"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "1"),
        ("<${LONG_NAME_2}/${A}>", "<x y/1>"),
        ("${EMPTY}", ""),
        ("${EMPTY:-d}", "d"),
        ("${GONE:-d}", "d"),
        ("${GONE:-}", ""),
        ("${A:-d}", "1"),
        ("$${A}", "${A}"),
        ("$A {A} $", "$A {A} $"),
    ],
)
def test_expand(text, expected):
    assert expand(text, ENVIRON) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${GONE}", '"GONE" is not set'),
        ("${A-B}", r"expected \$\{NAME\}"),
        ("${A", r"expected \$\{NAME\}"),
        ("${}", r"expected \$\{NAME\}"),
    ],
)
def test_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        expand(text, ENVIRON)


@given(st.text(alphabet="a${}:-A", max_size=20))
def test_values_are_not_expanded_again(value):
    assert expand("${V}", {"V": value}) == value
