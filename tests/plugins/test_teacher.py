"""The source ``teacher``: models that are asked, and files that teachers wrote."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nerture.core.targets.projection import to_characters, to_tokens
from nerture.core.targets.span_mixtures import coverage
from nerture.core.targets.splitting import split_target
from nerture.errors import ConfigError, ModelFileError, Origin, SettingError
from nerture.interfaces import Problem, Target
from nerture.models.model import Model
from nerture.plugins.teacher import TeacherOptions, make_teacher

TEXTS = ["Aspirin, ibuprofen.", "", "She took well-known pills in Rome (Italy).", "word"]


def targets(services, **options):
    return list(make_teacher(TeacherOptions(**options), services).targets())


def as_dict(found):
    return {
        (start, end, found.labels[label]): value
        for (start, end, label), value in zip(found.spans.tolist(), found.probabilities.tolist(), strict=True)
    }


@pytest.fixture
def texts(write):
    return write("texts.txt", *TEXTS)


def test_a_model_teaches_what_it_holds_of_each_text(services, save_model, texts):
    model = save_model()
    found = targets(services(), model="model", path=texts)
    assert [target.doc.text for target in found] == TEXTS
    assert [target.origin.line for target in found] == [1, 2, 3, 4]
    exact = model.learner.derivations([target.doc for target in found])
    for target, derivations in zip(found, exact, strict=True):
        assert isinstance(target, Target)
        assert not target.rules_out
        assert target.teacher.labels == ("A", "B")
        assert (target.teacher.probabilities >= 1e-4).all()
        ours, theirs = as_dict(target.teacher), as_dict(derivations.span_probabilities())
        for span in ours.keys() | theirs.keys():
            # prediction leaves out beginnings whose mass is below 1e-3 in the whole text
            assert ours.get(span, 0) == pytest.approx(theirs.get(span, 0), abs=1.2e-3)


def test_its_temperature(services, save_model, texts):
    model = save_model()
    found = targets(services(), model="model", path=texts, temperature=3)
    (warm,) = model.learner.derivations([found[3].doc], 3.0)
    (cold,) = model.learner.derivations([found[3].doc])
    ours = as_dict(found[3].teacher)
    assert ours == pytest.approx(as_dict(warm.span_probabilities(least=1e-4)), abs=1e-3)
    assert ours != pytest.approx(as_dict(cold.span_probabilities(least=1e-4)), abs=1e-3)


def test_labels_are_mapped_and_dropped(services, save_model, texts):
    save_model(labels=("PRODUCT", "EVENT", "B"))
    plain = targets(services(("PRODUCT", "EVENT", "B")), model="model", path=texts)[2].teacher
    found = targets(services(), model="model", path=texts, map={"PRODUCT": "A", "EVENT": None})[2].teacher
    assert found.labels == ("A", "B")
    ours, theirs = as_dict(found), as_dict(plain)
    assert ours == {
        (start, end, {"PRODUCT": "A", "B": "B"}[label]): value
        for (start, end, label), value in theirs.items()
        if label != "EVENT"
    }
    merged = targets(services(), model="model", path=texts, map={"PRODUCT": "A", "EVENT": "A"})[2].teacher
    for (start, end, label), value in as_dict(merged).items():
        names = ["B"] if label == "B" else ["PRODUCT", "EVENT"]
        assert value == pytest.approx(sum(theirs.get((start, end, name), 0) for name in names), abs=2e-4)


def test_a_model_of_other_tokens_is_read_with_its_own(services, save_model, texts):
    model = save_model(tokenizer="english")
    found = targets(services(), model="model", path=texts)
    for target in found:
        assert [token.text for token in target.doc] == target.doc.text.split()
        promised = coverage(target.teacher.spans, target.teacher.probabilities, len(target.doc))
        assert promised.max(initial=0) <= 1 + 1e-4
        own = model.doc(target.doc.text)
        (exact,) = model.learner.derivations([own])
        moved = to_tokens(to_characters(exact.span_probabilities(), own.offsets), target.doc.offsets)
        ours, theirs = as_dict(target.teacher), as_dict(moved)
        for span in ours.keys() | theirs.keys():
            assert ours.get(span, 0) == pytest.approx(theirs.get(span, 0), abs=2e-3)


def test_a_row_that_is_wrong_passes_in_its_place(services, save_model, write):
    save_model()
    write("rows.jsonl", {"text": "one"}, "{", {"text": "two words"})
    found = targets(services(), model="model", path="rows.jsonl")
    assert [type(item) for item in found] == [Target, Problem, Target]
    assert found[1].code == "bad-json"


def test_a_text_on_which_the_teachers_rules_contradict_each_other_is_named(
    services, save_model, write, tmp_path
):
    model = save_model()
    files = {}
    for name, phrase in (("one.jsonl", "red pills"), ("two.jsonl", "pills")):
        write(name, {"label": "A", "pattern": phrase})
        files[name] = tmp_path / name
    rules = [{"use": "patterns", "path": name, "as": "require"} for name in files]
    strict = Model(model.learner, model.tokenizer, {**model.config, "matchers": rules}, files=files)
    strict.save(tmp_path / "strict")
    write("rows.jsonl", {"text": "the red pills"}, {"text": "pills"}, {"text": "nothing"})
    found = targets(services(), model="strict", path="rows.jsonl")
    assert [type(item) for item in found] == [Problem, Target, Target]
    assert found[0].code == "not-analysed"
    assert "rows.jsonl:1: the teacher: constraints: A 'red pills'" in str(found[0])
    assert found[0].raw == "the red pills"


@pytest.mark.parametrize(
    ("options", "labels", "error", "message"),
    [
        ({"model": "gone"}, ("A", "B"), ModelFileError, "gone"),
        ({"model": "model"}, ("A", "C"), SettingError,
         r"the teacher's label 'B' is not a label of the pipeline \(A, C\); add `map: \{B: ...\}`"),
        ({"model": "model", "map": {"B": "X"}}, ("A",), SettingError, "map: 'X' is not a label of the"),
        ({"model": "model", "map": {"X": "A"}}, ("A",), SettingError, "map: the teacher has no label 'X'"),
        ({"model": "model", "labels": ["A"]}, ("A", "B"), ConfigError, "labels: goes with a file"),
        ({"model": "model", "independent": True}, ("A", "B"), ConfigError, "independent: goes with a file"),
        ({"temperature": 2}, ("A", "B"), ConfigError, "temperature: goes with a model"),
        ({"map": {"B": "X"}}, ("A",), SettingError, "map: 'X' is not a label of the pipeline; it has A"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_anything_is_read(
    services, save_model, texts, options, labels, error, message
):
    save_model()
    with pytest.raises(error, match=message):
        make_teacher(TeacherOptions(path=texts, **options), services(labels))


TEXT = "take Xanax XR  daily"


def spans(*rows, labels=("A", "B"), **more):
    found = [
        {"start": start, "end": end, "label": label, "probability": value}
        for start, end, label, value in rows
    ]
    return {"text": TEXT, "spans": found, "labels": list(labels), **more}


def test_rows_of_spans(services, write, as_probabilities):
    write("t.jsonl", spans((5, 10, "A", 0.6), (5, 13, "A", 0.3), (15, 20, "B", 1), (0, 4, "B", 1e-5)))
    (target,) = targets(services(), path="t.jsonl")
    assert as_probabilities(target) == {("Xanax", "A"): 0.6, ("Xanax XR", "A"): 0.3, ("daily", "B"): 1}
    assert target.teacher.labels == ("A", "B")
    assert (target.rules_out, target.origin) == (False, Origin(target.origin.file, 1))


def test_a_row_may_be_sure_that_there_is_nothing(services, write):
    write("t.jsonl", spans(labels=["A"]))
    (target,) = targets(services(), path="t.jsonl")
    assert (target.teacher.labels, len(target.teacher.spans)) == (("A",), 0)


def test_the_labels_of_rows_that_do_not_say(services, write, as_probabilities):
    row = spans((5, 10, "DRUG", 0.6))
    del row["labels"]
    write("t.jsonl", row)
    (target,) = targets(services(), path="t.jsonl", labels=["DRUG", "X"], map={"DRUG": "A", "X": None})
    assert target.teacher.labels == ("A",)
    assert as_probabilities(target) == {("Xanax", "A"): 0.6}


def test_spans_become_whole_tokens(services, write, as_probabilities):
    write("t.jsonl", spans((5, 7, "A", 0.5), (8, 12, "B", 0.25), (13, 16, "A", 0.1)))
    (target,) = targets(services(), path="t.jsonl")
    assert as_probabilities(target) == {("Xanax", "A"): 0.5, ("Xanax XR", "B"): 0.25, ("daily", "A"): 0.1}


def test_a_row_keeps_its_own_tokens(services, write, as_probabilities):
    tokens = [
        {"start": 0, "end": 4},
        {"start": 5, "end": 7},
        {"start": 7, "end": 10},
        {"start": 11, "end": 20},
    ]
    write("t.jsonl", spans((5, 7, "A", 0.5), tokens=tokens))
    (target,) = targets(services(), path="t.jsonl")
    assert as_probabilities(target) == {("Xa", "A"): 0.5}


def test_independent_spans_are_let_not_overlap(services, write, as_probabilities):
    row = spans((5, 10, "A", 0.9), (5, 13, "A", 0.8), (15, 20, "B", 0.3), (15, 20, "A", 1e-6))
    write("t.jsonl", row)
    (problem,) = targets(services(), path="t.jsonl")
    assert problem.code == "too-much-probability"
    (target,) = targets(services(), path="t.jsonl", independent=True)
    assert as_probabilities(target) == {
        ("Xanax", "A"): 0.6429,
        ("Xanax XR", "A"): 0.2857,
        ("daily", "B"): 0.3,
    }


def test_independent_spans_of_labels_that_become_one(services, write, as_probabilities):
    write("t.jsonl", spans((5, 10, "X", 0.9), (5, 10, "Y", 0.9), labels=["X", "Y"]))
    (target,) = targets(services(), path="t.jsonl", independent=True, map={"X": "A", "Y": "A"})
    assert as_probabilities(target) == {("Xanax", "A"): round(18 / 19, 4)}


TOKENS = [{"start": 0, "end": 4}, {"start": 5, "end": 10}, {"start": 11, "end": 13}, {"start": 15, "end": 20}]


def tags(names, *numbers, **more):
    return {"text": TEXT, "tokens": TOKENS, "tags": names, "probabilities": numbers, **more}


BIO = ["O", "B-A", "I-A"]


def test_rows_of_tags(services, write, as_probabilities):
    write("t.jsonl", tags(BIO, [1, 0, 0], [0.2, 0.8, 0], [0.5, 0, 0.5], [1, 0, 0]))
    (target,) = targets(services(), path="t.jsonl")
    # "O O" .1, "B O" .4 and "B I" .4 are left of it; "O I" .1 marks nothing
    assert as_probabilities(target) == {("Xanax", "A"): 0.4444, ("Xanax XR", "A"): 0.4444}
    assert target.teacher.labels == ("A",)


def test_tags_count_the_teachers_tokens_not_ours(services, write, as_probabilities):
    pieces = [
        {"start": 0, "end": 4},
        {"start": 5, "end": 7},
        {"start": 7, "end": 10},
        {"start": 11, "end": 20},
    ]
    row = tags(BIO, [1, 0, 0], [0.25, 0.75, 0], [0.5, 0, 0.5], [1, 0, 0]) | {"tokens": pieces}
    write("t.jsonl", row)
    (target,) = targets(services(), path="t.jsonl")
    assert target.doc.words == TEXT.split()
    assert as_probabilities(target) == {("Xanax", "A"): round(0.75 / 0.875, 4)}


def test_an_empty_row_of_tags(services, write):
    write("t.jsonl", {"text": " ", "tokens": [], "tags": BIO, "probabilities": []})
    (target,) = targets(services(), path="t.jsonl")
    assert len(target.teacher.spans) == 0


GOOD = [[1, 0, 0], [0.2, 0.8, 0], [0.5, 0, 0.5], [1, 0, 0]]
BAD = {
    "neither": ({"text": TEXT}, "no-probabilities", "neither spans with probabilities nor tags"),
    "no labels": (spans() | {"labels": None}, "missing-labels", "add `labels` to the row or to the source"),
    "labels": (spans() | {"labels": "A"}, "bad-labels", "labels: expected a list of labels, got 'A'"),
    "labels twice": (spans(labels=["A", "A"]), "bad-labels", "expected different labels"),
    "no probability": (
        spans() | {"spans": [{"start": 0, "end": 4, "label": "A"}]},
        "bad-probability", r"spans\[0\].probability: expected a number from 0 to 1, got nothing",
    ),
    "triples": ({"text": TEXT, "entities": [[0, 4, "A"]], "labels": ["A"]}, "bad-probability", r"spans\[0\]"),
    "too large": (spans((0, 4, "A", 1.5)), "bad-probability", r"expected a number from 0 to 1, got 1.5"),
    "true": (spans((0, 4, "A", True)), "bad-probability", "got True"),
    "nan": (spans((0, 4, "A", float("nan"))), "bad-probability", "got nan"),
    "text": (spans((0, 4, "A", "0.5")), "bad-probability", "got '0.5'"),
    "label of the row": (spans((0, 4, "C", 0.5)), "unknown-label", "expected one of A, B, got 'C'"),
    "label of the pipeline": (spans(labels=["A", "C"]), "unknown-label", "'C' is not a label of the"),
    "sum": (
        spans((0, 4, "A", 0.6), (0, 10, "B", 0.5)), "too-much-probability",
        "over character 0, 't', sum to 1.1: expected at most 1",
    ),
    "space": (spans((14, 15, "A", 0.5)), "span-outside-tokens", r"A ' ' \(characters 14 to 15\) touches no"),
    "outside": (spans((15, 21, "A", 0.5)), "span-outside-text", "outside the text"),
    "no O": (tags(["B-A"], *[[1]] * 4), "bad-tags", "expected a tag O"),
    "no tag": (tags(["O", "A"], *[[1, 0]] * 4), "bad-tags", "expected a list of O, B-LABEL"),
    "no tokens": (tags(BIO, *GOOD) | {"tokens": None}, "bad-tags", "the row has tags but no tokens"),
    "too few": (tags(BIO, *GOOD[:3]), "bad-probability", r"expected 4 lists \(one per token\) of 3 numbers"),
    "ragged": (tags(BIO, *GOOD[:3], [1, 0]), "bad-probability", "expected 4 lists"),
    "none": (tags(BIO, *GOOD) | {"probabilities": None}, "bad-probability", "got None"),
    "words": (tags(BIO, *[["1", "0", "0"]] * 4), "bad-probability", "expected 4 lists"),
    "row sum": (
        tags(BIO, *GOOD[:3], [0.5, 0, 0]), "bad-probability",
        r"probabilities\[3\]: expected .*, got \[0.5, 0.0, 0.0\], which sum to 0.5",
    ),
    "negative": (tags(BIO, *GOOD[:3], [1.5, -0.5, 0]), "bad-probability", r"probabilities\[3\]"),
    "impossible": (tags(BIO, [0, 0, 1], *GOOD[1:]), "bad-tags", "every sequence of tags"),
    "label of tags": (tags(["O", "B-C"], *[[1, 0]] * 4), "unknown-label", "'C' is not a label"),
}  # fmt: skip


@pytest.mark.parametrize(("row", "code", "message"), BAD.values(), ids=BAD)
def test_problems_of_a_row_have_its_line(services, write, row, code, message):
    write("t.jsonl", spans(), row, spans())
    first, *problems, last = targets(services(), path="t.jsonl")
    assert isinstance(first, Target)
    assert isinstance(last, Target)
    (problem,) = problems
    assert (problem.code, problem.origin.line, problem.severity) == (code, 2, "error")
    assert re.search(message, problem.message)


def test_every_bad_span_of_a_row_is_reported(services, write):
    write("t.jsonl", spans((0, 4, "A", 2), (5, 10, "C", 0.5), (11, 13, "A", -1)))
    assert [problem.code for problem in targets(services(), path="t.jsonl")] == [
        "bad-probability",
        "unknown-label",
        "bad-probability",
    ]


def test_rounded_numbers_will_do(services, write, as_probabilities):
    write("t.jsonl", spans((0, 4, "A", 0.667), (0, 4, "B", 0.334)), tags(BIO, *GOOD[:3], [0.998, 0.001, 0]))
    assert [type(item) for item in targets(services(), path="t.jsonl")] == [Target, Target]


def test_a_long_text_is_cut_with_what_the_teacher_holds_of_it(services, write):
    text = "a bb ccc " * 40
    rows = spans(*((9 * place, 9 * place + 4, "A", 0.9) for place in range(40)))
    write("t.jsonl", rows | {"text": text})
    (target,) = targets(services(), path="t.jsonl")
    pieces = list(split_target(target, 25))
    assert len(pieces) > 4
    for piece in pieces:
        for start, end, _ in piece.teacher.spans.tolist():
            assert piece.doc.span(start, end, "A").text == "a bb"
    assert sum(len(piece.teacher.spans) for piece in pieces) == 40
    np.testing.assert_allclose(
        np.concatenate([piece.teacher.probabilities for piece in pieces]), 0.9, rtol=1e-6
    )
