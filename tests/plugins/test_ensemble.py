"""The source ``ensemble``: the mixture of several models, and rules above them."""

from __future__ import annotations

import pytest

from nerture.core.targets.span_mixtures import average_probabilities
from nerture.errors import ConfigError, PatternError, SettingError
from nerture.plugins.ensemble import EnsembleOptions, make_ensemble
from nerture.plugins.teacher import TeacherOptions, make_teacher

TEXTS = ["Aspirin and ibuprofen", "", "She took pills in Rome", "word"]


@pytest.fixture
def texts(write, save_model):
    save_model("one", seed=1)
    save_model("two", seed=2)
    return write("texts.txt", *TEXTS)


def targets(services, texts, teachers, **options):
    made = make_ensemble(EnsembleOptions(path=texts, teachers=teachers, **options), services)
    return list(made.targets())


def alone(services, texts, model, **options):
    return list(make_teacher(TeacherOptions(path=texts, model=model, **options), services).targets())


def as_dict(found):
    return {
        (start, end, found.labels[label]): value
        for (start, end, label), value in zip(found.spans.tolist(), found.probabilities.tolist(), strict=True)
    }


@pytest.mark.parametrize("weights", [(1, 1), (3, 1)])
def test_it_is_the_average_of_its_members(services, texts, weights):
    members = [
        {"model": name, "weight": weight} for name, weight in zip(("one", "two"), weights, strict=True)
    ]
    found = targets(services(), texts, members)
    one, two = (alone(services(), texts, name) for name in ("one", "two"))
    assert [target.doc.text for target in found] == TEXTS
    for target, *each in zip(found, one, two, strict=True):
        assert not target.rules_out
        wanted = as_dict(average_probabilities([item.teacher for item in each], weights))
        ours = as_dict(target.teacher)
        for span in ours.keys() | wanted.keys():
            assert ours.get(span, 0) == pytest.approx(wanted.get(span, 0), abs=1e-4)


def test_one_model_by_its_name_alone(services, texts):
    (found, *_), (wanted, *_) = targets(services(), texts, ["one"]), alone(services(), texts, "one")
    assert as_dict(found.teacher) == as_dict(wanted.teacher)


def test_members_have_maps_and_temperatures(services, texts, save_model):
    save_model("other", labels=("B", "X"), seed=3)
    found = targets(services(), texts, [{"model": "other", "map": {"X": "A"}, "temperature": 2}])
    wanted = alone(services(), texts, "other", map={"X": "A"}, temperature=2)
    assert [as_dict(target.teacher) for target in found] == [as_dict(target.teacher) for target in wanted]


def test_what_rules_find_is_certain(services, texts, write, as_probabilities):
    rules = write("rules.jsonl", {"label": "B", "pattern": "ibuprofen"}, {"label": "A", "pattern": "Rome"})
    free = targets(services(), texts, ["one", "two"])
    found = targets(services(), texts, ["one", "two"], rules=rules)
    assert as_probabilities(found[0])["ibuprofen", "B"] == 1
    assert as_probabilities(found[2])["Rome", "A"] == 1
    for before, after in zip(free, found, strict=True):
        for (text, label), value in as_probabilities(after).items():
            if value < 1:
                assert not {"ibuprofen", "Rome"} & set(text.split())
                assert value == as_probabilities(before)[text, label]
    assert as_dict(found[3].teacher) == as_dict(free[3].teacher)


def test_members_speak_about_the_same_labels(services, texts, save_model):
    save_model("less", labels=("A",))
    with pytest.raises(
        ConfigError, match="got A, B for one and A for less; map labels, or use separate sources"
    ):
        targets(services(), texts, ["one", "less"])
    targets(services(), texts, [{"model": "one", "map": {"B": None}}, "less"])


def test_what_is_wrong_with_a_member_names_it(services, texts, save_model):
    save_model("strange", labels=("A", "X"))
    with pytest.raises(SettingError, match="strange: the teacher's label 'X' is not a label of the pipeline"):
        targets(services(), texts, ["one", "strange"])


def test_rules_are_checked(services, texts, write):
    rules = write("rules.jsonl", {"label": "X", "pattern": "Rome"})
    with pytest.raises(
        ConfigError, match="rules: expected patterns with labels of the teachers, A, B, got 'X'"
    ):
        targets(services(), texts, ["one"], rules=rules)
    rules = write("rules.jsonl", {"label": "A"})
    with pytest.raises(PatternError, match=r"rules\.jsonl:1"):
        targets(services(), texts, ["one"], rules=rules)


def test_options_are_checked(registry):
    for teachers, message in [
        ([], "teachers: expected a list of 1 or more, got \\[\\]"),
        ([{"map": {}}], r"teachers\[0\].model: missing"),
        ([{"model": "x", "weight": 0}], r"teachers\[0\].weight: expected more than 0, got 0"),
        ([{"model": "x", "wieght": 1}], r'teachers\[0\].wieght: unknown key: .*; did you mean "weight"'),
    ]:
        with pytest.raises(ConfigError, match=message):
            registry.options("source", "ensemble", {"path": "x", "teachers": teachers})
