"""YAML that nerture writes, and that it is read and written in one place each."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nerture.errors import ConfigError
from nerture.files.yaml_lines import parse
from nerture.files.yaml_writing import dump

from ...support.repository import ROOT

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
keys = st.text(max_size=5)


@pytest.mark.parametrize("short", [False, True])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        plain, lambda x: st.lists(x, max_size=4) | st.dictionaries(keys, x, max_size=4), max_leaves=15
    )
)
def test_readers_of_both_versions_read_the_same(short, tree):
    text = dump(tree, short=short)
    assert parse(text, "p.yaml", None).value == yaml.safe_load(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "1E50", "1e3", "089", "0o17", "0x1F", "NO", "yes", "~", "null", "1_000", "1:30", "2024-01-01", "<<",
        "=", "${HOME}", "$${HOME}", "a: b", "- a", "#", "", " ", "a\nb", "\x85", "a\u2028b", "x" * 300,
    ],
)  # fmt: skip
def test_text_stays_text(text):
    written = dump({text: [text]})
    assert parse(written, "p.yaml", None).value == yaml.safe_load(written) == {text: [text]}


def test_a_value_in_two_places_is_written_twice():
    shared = [1, 2]
    assert dump({"a": shared, "b": shared}) == "a:\n- 1\n- 2\nb:\n- 1\n- 2\n"


def test_values_of_other_types_are_refused():
    with pytest.raises(ConfigError, match=r"expected plain data, got PosixPath\('a'\)"):
        dump({"a": Path("a")})


def test_yaml_is_parsed_and_written_in_one_place_each():
    users = {
        str(path.relative_to(ROOT))
        for folder in ("core", "framework", "patterns", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(import|from) yaml\b", path.read_text(), re.MULTILINE)
    }
    assert users == {"framework/files/yaml_lines.py", "framework/files/yaml_writing.py"}
