import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.annotations import literal_reader as items
from nerture.core.annotations.line_reader import Line
from nerture.core.annotations.literal_reader import Item, split_items
from nerture.core.annotations.record import Problem


def split(source):
    lines = [Line(number, text) for number, text in enumerate(source.split("\n"), start=1)]
    return list(split_items(lines, "f"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("", []),
        ("[]", []),
        ("[\n# nothing\n]", []),
        ('("a", 1)\n("b", 2)', [Item(1, '("a", 1)'), Item(2, '("b", 2)')]),
        ('("a", 1), ("b", 2),', [Item(1, '("a", 1)'), Item(1, '("b", 2)')]),
        ('[("a", 1),\n\n ("b", 2)]', [Item(1, '("a", 1)'), Item(3, '("b", 2)')]),
        ('TRAIN: list = [  # all of it (\n  ("a",\n 1),\n]', [Item(2, '("a",\n 1)')]),
        ('["a", 1]\n["b", 2]', [Item(1, '["a", 1]'), Item(2, '["b", 2]')]),
        ('[["a", [1]], ["b", []]]', [Item(1, '["a", [1]]'), Item(1, '["b", []]')]),
        ('{"text": "}"}\n{"a": {}}', [Item(1, '{"text": "}"}'), Item(2, '{"a": {}}')]),
        (r"""("it's \") (", 1)""", [Item(1, r"""("it's \") (", 1)""")]),
        ("('''a\n'(''', 1)", [Item(1, "('''a\n'(''', 1)")]),
        ("(\n  # a (\n  'a', 1)", [Item(1, "(\n  # a (\n  'a', 1)")]),
        ("['', 1]", [Item(1, "['', 1]")]),
        ("[('a', 1)] [('b', 2)]", [Item(1, "('a', 1)"), Item(1, "('b', 2)")]),
    ],
)
def test_items(source, found):
    assert split(source) == found


@pytest.mark.parametrize(
    ("source", "line", "words", "others"),
    [
        ('foo\n("a", 1)', 1, "got 'foo'", ['("a", 1)']),
        ('("a", 1))', 1, "got ')'", ['("a", 1)']),
        ('("a\n("b", 2)', 1, "does not end on its line", ['("b", 2)']),
        ('("b", 2)\n("a", [1\n', 2, "the item that begins here does not end", ['("b", 2)']),
        ('[("b", 2),\n', 2, "the list does not end", ['("b", 2)']),
        ("[", 1, "the list does not end", []),
        ('[("b", 2), x = ("c", 3)]', 1, "got 'x = ", ['("b", 2)']),
    ],
)
def test_text_that_is_not_an_item(source, line, words, others):
    got = split(source)
    (problem, *_) = [item for item in got if isinstance(item, Problem)]
    assert (problem.code, problem.origin.line) == ("bad-literal", line)
    assert words in problem.message
    assert [item.text for item in got if isinstance(item, Item)] == others


def test_too_long_an_item(monkeypatch):
    monkeypatch.setattr(items, "MAX_ITEM_CHARS", 20)
    (problem, item) = split('("' + "a" * 30 + '",\n("b", 1)')
    assert "at most 20 characters" in problem.message
    assert item.text == '("b", 1)'


PAIRS = st.lists(
    st.tuples(st.text(max_size=8), st.dictionaries(st.text(max_size=3), st.lists(st.integers()), max_size=2))
)


@given(PAIRS, st.booleans())
def test_every_python_list_comes_apart(pairs, one_list):
    source = repr(pairs) if one_list else "\n".join(map(repr, pairs))
    got = split(source)
    assert [ast.literal_eval(item.text) for item in got] == pairs


@given(st.text("([{}])'\"\\#\n, =aé", max_size=40))
def test_any_source(source):
    for item in split(source):
        assert isinstance(item, Item | Problem)
