"""Datasets: what goes in comes out, unchanged, in order, once; on both databases."""

import gc
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nerture.errors import DataError
from nerture.store.reading import AnswerFilter
from nerture.store.records import Added
from nerture.store.rows import import_rows
from nerture.store.store import Store


def row(text, answer="accept", **fields):
    return {"text": text, "spans": [{"start": 0, "end": 1, "label": "A"}], "answer": answer, **fields}


def rows(store, dataset, **chosen):
    return [answer.row for answer in store.answers(dataset, AnswerFilter(**chosen))]


@pytest.fixture
def fruits(store):
    store.add_dataset("fruits")
    return store


def test_what_goes_in_comes_out_in_order_and_after_the_store_was_closed(place):
    given_rows = [row(f"text {number}", z=number, a=[None, {"b": 1.5}]) for number in range(1200)]
    with Store.open(place) as store:
        store.add_dataset("fruits")
        assert store.add("fruits", import_rows(given_rows)) == Added(1200, 0)
    with Store.open(place, create=False) as store:
        found = rows(store, "fruits")
    assert [json.dumps(one) for one in found] == [json.dumps(one) for one in given_rows]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(), ANY_JSON), st.text(st.characters()))
def test_any_row_comes_out_as_it_went_in(fruits, fields, text):
    one = {**fields, "text": text}
    fruits.add("fruits", import_rows([one]))
    (found,) = (answer for answer in fruits.answers("fruits") if answer.row == one)
    assert json.dumps(found.row) == json.dumps(one)
    assert found.text == text
    fruits.drop("fruits")
    fruits.add_dataset("fruits")


@pytest.mark.parametrize("text", ["", "a\x00b", "\ud800 half", "🎉 ثُلاثي", "'; DROP TABLE answers; --"])
def test_texts_that_databases_do_not_like(fruits, text):
    fruits.add("fruits", import_rows([row(text, note=text)]))
    (found,) = fruits.answers("fruits")
    assert found.text == text
    assert found.row["note"] == text


def test_importing_again_adds_nothing_and_duplicates_within_a_file_are_kept(fruits):
    some = [row("a"), row("b"), row("a"), row("a", "reject")]
    assert fruits.add("fruits", import_rows(some)) == Added(4, 0)
    assert fruits.add("fruits", import_rows([*some, row("c")])) == Added(1, 4)
    assert rows(fruits, "fruits") == [*some, row("c")]


def test_an_error_while_rows_come_in_leaves_nothing(fruits):
    def broken():
        yield from (row(str(number)) for number in range(700))
        raise OSError("the file ends here")

    with pytest.raises(OSError, match="ends here"):
        fruits.add("fruits", import_rows(broken()))
    assert rows(fruits, "fruits") == []


def test_answers_are_chosen(fruits):
    some = [
        row("a", _annotator_id="ann"),
        row("b", "reject", _session_id="bob"),
        row("c", _annotator_id="ann"),
    ]
    fruits.add("fruits", import_rows(some))
    assert rows(fruits, "fruits", verdict="reject") == some[1:2]
    assert rows(fruits, "fruits", annotator="ann") == [some[0], some[2]]
    assert rows(fruits, "fruits", newest=2) == some[1:]
    assert rows(fruits, "fruits", annotator="ann", newest=1) == some[2:]


def test_what_a_row_says_becomes_columns(fruits):
    own = {"time": 12.5, "seconds": 2.0, "version": 3, "score": 0.25, "sampling": 0.5, "question": "0" * 32}
    fruits.add(
        "fruits", import_rows([row("a", _timestamp=12, _nerture=own, _annotator_id="ann", flagged=True)])
    )
    fruits.add("fruits", import_rows([row("b", meta={"score": 0.75}, _timestamp=True, _nerture="?")]))
    first, second = fruits.answers("fruits")
    assert (first.time, first.seconds, first.version, first.score) == (12.5, 2.0, 3, 0.25)
    assert (first.sampling, first.question, first.annotator, first.flagged) == (0.5, "0" * 32, "ann", True)
    assert (second.time, second.score, second.annotator, second.flagged) == (None, 0.75, None, False)


ODD = ["\ud800", "a\x00b", "", "x" * 5000, 2**80, -1, 1e999, True, [], {}, None]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_fields_of_any_content_hinder_nothing(fruits, odd):
    own = dict.fromkeys(
        ("answer", "time", "seconds", "version", "score", "sampling", "question", "digest"), odd
    )
    one = {"text": "a", "answer": odd, "_annotator_id": odd, "_session_id": odd, "_timestamp": odd}
    rows_of_it = [{**one, "_nerture": own, "meta": {"score": odd}, "spans": odd}, {**one, "_nerture": odd}]
    fruits.add("fruits", import_rows(rows_of_it))
    assert [json.dumps(found) for found in rows(fruits, "fruits")] == [
        json.dumps(given) for given in rows_of_it
    ]
    assert fruits.statistics("fruits").answers == 2


def test_merging_keeps_every_answer_by_time_and_changes_nothing_when_repeated(fruits):
    fruits.add_dataset("berries")
    fruits.add_dataset("all")
    fruits.add("fruits", import_rows([row("a", _timestamp=3), row("b", _timestamp=1)]))
    fruits.add("berries", import_rows([row("a", _timestamp=3), row("c", _timestamp=2)]))
    assert fruits.merge(["fruits", "berries"], "all") == Added(4, 0)
    assert [one["text"] for one in rows(fruits, "all")] == ["b", "c", "a", "a"]
    assert fruits.merge(["berries", "fruits"], "all") == Added(0, 4)
    assert len(rows(fruits, "fruits")) == 2
    with pytest.raises(DataError, match="'all' cannot be merged into itself"):
        fruits.merge(["all"], "all")


def test_dropping_leaves_other_datasets_whole(fruits):
    fruits.add_dataset("berries")
    fruits.add("fruits", import_rows([row("a"), row("b")]))
    fruits.add("berries", import_rows([row("a")]))
    fruits.drop("fruits")
    assert [info.name for info in fruits.datasets()] == ["berries"]
    assert [answer.text for answer in fruits.answers("berries")] == ["a"]
    with pytest.raises(DataError, match="no dataset 'fruits'"):
        list(fruits.answers("fruits"))


def test_statistics_count_what_is_there(fruits):
    fruits.add(
        "fruits",
        import_rows(
            [
                row("a", _timestamp=10, _nerture={"seconds": 2}),
                row("a", "reject", _timestamp=20, _annotator_id="ann"),
                {
                    "text": "b",
                    "answer": "ignore",
                    "spans": [{"start": 0, "end": 1, "label": "B", "answer": "accept"}],
                },
                {"text": "c"},
            ]
        ),
    )
    counted = fruits.statistics("fruits")
    assert (counted.answers, counted.texts, counted.undone, counted.sessions) == (4, 3, 0, 0)
    assert counted.verdicts == {"accept": 1, "reject": 1, "ignore": 1, "no answer": 1}
    assert counted.annotators == {"unknown": 3, "ann": 1}
    assert counted.labels == {"A": {"accept": 1, "reject": 1}, "B": {"accept": 1}}
    assert (counted.seconds, counted.first, counted.last) == (2, 10, 20)


@pytest.mark.parametrize("name", ["", " a", "a\n", "\x07"])
def test_an_unprintable_name_is_refused(store, name):
    with pytest.raises(DataError, match="expected a printable name"):
        store.add_dataset(name)


def test_an_unknown_dataset_is_reported_with_the_nearest(fruits):
    with pytest.raises(DataError, match=r"no dataset 'fruit'; did you mean fruits\?"):
        list(fruits.answers("fruit"))


def test_datasets_are_listed_with_their_counts(fruits):
    fruits.add("fruits", import_rows([row("a"), row("b")]))
    fruits.add_dataset("berries")
    assert [(info.name, info.answers, info.sessions) for info in fruits.datasets()] == [
        ("berries", 0, 0),
        ("fruits", 2, 0),
    ]


def test_a_file_read_half_way_is_closed(fruits):
    fruits.add("fruits", import_rows(row(str(number)) for number in range(1200)))
    answers = fruits.answers("fruits")
    assert next(answers).text == "0"
    del answers
    gc.collect()
    fruits.drop("fruits")
