import contextlib
import math

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nerture.errors import ConfigError
from nerture.files.yaml_lines import MAX_BYTES, MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES, parse, read_text


def value(text, environ=None):
    return parse(text, "p.yaml", environ or {}).value


def message(text, environ=None):
    with pytest.raises(ConfigError) as caught:
        value(text, environ)
    return str(caught.value)


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
keys = st.text(max_size=5)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        plain, lambda x: st.lists(x, max_size=4) | st.dictionaries(keys, x, max_size=4), max_leaves=15
    )
)
def test_what_another_writer_wrote_is_read_back(tree):
    text = yaml.safe_dump(tree, default_style='"')  # quoted and tagged: YAML 1.1 and 1.2 agree then
    if "${" not in text:
        assert value(text) == tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("2024-01-01", "2024-01-01"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("true", True),
        ("1e-3", 0.001),
        ("-.5", -0.5),
        ("0x1F", 31),
        ("0o17", 15),
        ("007", 7),
        ("~", None),
        ("", None),
        (".inf", math.inf),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
    ],
)
def test_scalars_follow_yaml_1_2(text, expected):
    found = value(f"a: {text}")["a"]
    assert found == expected
    assert type(found) is type(expected)


def test_lines_of_every_key_path():
    tree = parse("a: 1\nb:\n  - x\n  - c: {d: 2,\n        e: 3}\n", "p.yaml", {})
    assert [
        tree.line(path) for path in [("a",), ("b",), ("b", 1), ("b", 1, "c", "d"), ("b", 1, "c", "e")]
    ] == [
        1,
        2,
        4,
        4,
        5,
    ]
    assert tree.line(("b", 1, "c", "gone")) == 4


def test_duplicate_keys_are_all_named_with_both_lines():
    assert message("a: 1\nb: 2\na: 3\nb: 4").splitlines() == [
        'p.yaml:3: duplicate key "a"; the first is in line 1',
        'p.yaml:4: duplicate key "b"; the first is in line 2',
    ]


def test_an_alias_is_allowed():
    assert value("a: &x [1, 2]\nb: *x") == {"a": [1, 2], "b": [1, 2]}


def test_an_alias_bomb_is_refused_quickly():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    assert f"more than {MAX_VALUES} values once its aliases are expanded" in message("\n".join(lines))


@pytest.mark.parametrize("text", ["a: &a {long}\nb: [{aliases}]", "a: &a {long}\nb: [{keys}]"])
def test_aliases_of_a_long_text_are_refused(text):
    text = text.format(long="x" * 1000, aliases="*a, " * 300, keys="{*a : 1}, " * 300)
    assert message(text) == f"p.yaml:1: more than {MAX_CHARACTERS} characters once its aliases are expanded"


def test_an_alias_to_itself_is_refused():
    assert "levels of nesting once its aliases are expanded" in message("a: &a [*a]")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 50_000, "\n".join("  " * i + "a:" for i in range(300))]
)
def test_deep_nesting_is_refused(text):
    assert f"more than {MAX_DEPTH} levels of nesting" in message(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n\tb: 2", "p.yaml:2: not valid YAML: "),
        ("a:\n\t- 1", "p.yaml:2: not valid YAML: a tab cannot indent"),
        ("a: [1, 2\nb: 3", "p.yaml:2: not valid YAML: while parsing a flow sequence"),
        ("a: 'x", "p.yaml:1: not valid YAML: while scanning a quoted scalar"),
        ("a: 1\n---\nb: 2", "p.yaml:2: not valid YAML: expected a single document"),
        ("a: *b", "p.yaml:1: not valid YAML: found undefined alias"),
        ("a: 1\nb: \x07", "p.yaml:2: character U+0007 is not allowed"),
        ('a: "\\UFFFFFFFF"', "p.yaml:1: not valid YAML"),
        ('a: "\\ud800"', "p.yaml:1: half of a surrogate pair"),
        ("a: 1\n<<: {b: 2}", 'p.yaml:2: merge keys ("<<") are not supported'),
        ("1: x", "p.yaml:1: a key must be text"),
        ("[a]: x", "p.yaml:1: a key must be text"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "p.yaml:1: the tag !!python/object/apply:os.system is not",
        ),
        ("a: !mine x", "p.yaml:1: the tag !mine is not supported"),
        ("a: !!set {x}", "p.yaml:1: the tag !!set is not supported"),
        ("a: !!int x", "p.yaml:1: 'x' is not valid"),
        ("a: " + "9" * 5000, "p.yaml:1: '999"),
    ],
)
def test_refused_with_its_line(text, expected):
    assert message(text).startswith(expected)


def test_the_environment_gives_values_their_type_quoted_or_not():
    environ = {"SEED": "7", "DIR": "/data", "LABEL": "NO", "EMPTY": ""}
    text = 'a: ${SEED}\nb: {c: "${SEED}", d: "${DIR}/x"}\ne: ${LABEL}\nf: ${EMPTY}\ng: $${SEED}'
    assert value(text, environ) == {
        "a": 7,
        "b": {"c": 7, "d": "/data/x"},
        "e": "NO",
        "f": "",
        "g": "${SEED}",
    }


def test_without_an_environment_references_stay_as_they_are():
    assert parse("a: ${SEED}\nb: $${SEED}", "p.yaml", None).value == {"a": "${SEED}", "b": "$${SEED}"}


def test_what_the_environment_says_is_no_yaml():
    assert value("a: ${X}", {"X": "[1, 2]"}) == {"a": "[1, 2]"}


def test_all_missing_variables_are_named_with_their_lines():
    lines = message("a: ${ONE}\nb: [1, '${TWO}']").splitlines()
    assert [line[:9] for line in lines] == ["p.yaml:1:", "p.yaml:2:"]
    assert '"ONE" is not set' in lines[0]


def test_read_text_takes_a_bom_and_crlf(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert parse(read_text(path), "p", {}).value == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\nb: \xff\n", r":2: byte 0xff is not UTF-8"),
        ("a: 1".encode("utf-16"), r":1: byte 0xff is not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "expected YAML of at most 262,144 bytes, got more"),
    ],
)
def test_read_text_refuses(tmp_path, data, expected):
    path = tmp_path / "p.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=expected):
        read_text(path)


def test_read_text_names_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "gone.yaml", tmp_path):
        with pytest.raises(ConfigError, match=f"{path}: cannot be read"):
            read_text(path)


@settings(deadline=None)
@given(st.text(alphabet="ab:- []{}&*!<|>'\"\n\t#%@`,?~1", max_size=60))
def test_whatever_the_text_nothing_but_a_config_error_comes_out(text):
    with contextlib.suppress(ConfigError):
        value(text)
