"""Simulated sessions that continue from annotations, and sessions described in the pipeline file."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from click.testing import CliRunner

from nerture.cli.command_group import cli
from nerture.errors import NertureError

from ...support.plants import gold, texts

PIPELINE = {
    "nerture": 1,
    "labels": ["PLANT"],
    "model": {"width": 16, "depth": 1, "hidden": 16},
    "matchers": [{"use": "patterns", "path": "patterns.jsonl", "as": ["question", "feature"]}],
}
COUNT = 40
TEXTS = texts(COUNT)
ASKED = TEXTS[:32]
"""The texts that are not held out: the last fifth is."""
HERBS = ("fennel", "sorrel")


def kind(text, start, end):
    """The new label of a plant: leeks are a vegetable in every other text."""
    plant = text[start:end]
    if plant == "leeks":
        return "VEG" if TEXTS.index(text) % 2 else "HERB"
    return "HERB" if plant in HERBS else "VEG"


def row(text, spans, **fields):
    return {
        "text": text,
        "spans": [{"start": s, "end": e, "label": label} for s, e, label in spans],
        **fields,
    }


def kinds(text):
    return [(start, end, kind(text, start, end)) for start, end, _ in gold(text)]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A pipeline, patterns, gold, and files of what was annotated before."""
    monkeypatch.chdir(tmp_path)

    def write(name, rows):
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    write("gold.jsonl", [row(text, gold(text)) for text in TEXTS])
    write("kinds.jsonl", [row(text, kinds(text)) for text in TEXTS])
    write("clicks.jsonl", [row(text, gold(text)[:1], answer="accept", _view_id="ner", _is_binary=True)
                           for text in TEXTS if gold(text)])  # fmt: skip
    opinions = [row(text, gold(text), _annotator_id="ada") for text in TEXTS]
    opinions += [row(text, gold(text)[1:], _annotator_id="bob") for text in TEXTS]
    write("opinions.jsonl", opinions)
    write("plants.jsonl", [row(text, gold(text)) for text in ASKED])
    write("patterns.jsonl", [{"label": "PLANT", "pattern": "leeks"}])
    pipe(tmp_path)
    return tmp_path


def pipe(folder, **changes):
    (folder / "pipeline.yaml").write_text(json.dumps({**PIPELINE, **changes}))


def simulate(*arguments, gold="gold.jsonl"):
    result = CliRunner().invoke(cli, ["simulate", "pipeline.yaml", "--gold", gold, "--json", *arguments])
    assert result.exit_code == 0, result.output + repr(result.exception)
    return json.loads(result.stdout), result.stderr


def refused(*arguments):
    result = CliRunner().invoke(cli, ["simulate", "pipeline.yaml", "--gold", "gold.jsonl", *arguments])
    assert result.exit_code != 0
    assert result.exception is None or isinstance(result.exception, SystemExit | NertureError)
    return f"{result.output}{result.exception}"


def test_gold_completes_every_text_with_prior_targets(project):
    result, messages = simulate("--mode", "gold", "--source", "clicks.jsonl", "--every", "40")
    last = result["curve"][-1]
    known = [text for text in ASKED if gold(text)]
    assert last["answers"] == len(known)
    assert result["f1_of"] == "model"
    least = sum(1.5 + 0.17 * len(text.split()) for text in known)
    edits = (last["seconds"] - least) / 3
    assert edits == pytest.approx(round(edits))
    assert messages == ""


def test_review_asks_about_disagreements(project):
    result, messages = simulate("--mode", "review", "--source", "opinions.jsonl", "--every", "40")
    disputed = [text for text in ASKED if gold(text)]
    assert result["curve"][-1]["answers"] == len(disputed)
    assert result["f1_of"] == "model"
    assert "review trains no model meanwhile" in messages


def test_prior_annotations_may_be_a_dataset_of_any_store(project):
    store = str(project / "other.sqlite")
    done = CliRunner().invoke(cli, ["data", "import", "clicks", "clicks.jsonl", "--store", store])
    assert done.exit_code == 0, done.output
    arguments = "--mode", "gold", "--source", "dataset:clicks", "--every", "40", "--answers", "2"
    of_file = simulate(*arguments[:3], "clicks.jsonl", *arguments[4:])[0]
    assert simulate(*arguments, "--store", store)[0] == of_file


RETYPE = "--mode", "retype", "--source", "plants.jsonl", "--label", "PLANT", "--subtypes", "VEG,HERB"


def test_retype_asks_about_each_surface_once_and_about_each_place_of_those_that_depend(project):
    result, messages = simulate(*RETYPE, gold="kinds.jsonl")
    places = defaultdict(list)
    for text in ASKED:
        for start, end, label in kinds(text):
            places[text[start:end]].append(label)
    assert len(set(places["leeks"])) == 2
    answers = sum(len(found) if len(set(found)) > 1 else 1 for found in places.values())
    last = result["curve"][-1]
    assert (last["answers"], last["seconds"]) == (answers, 2.5 * answers)
    assert (last["f1"], last["precision"], last["recall"]) == (1.0, 1.0, 1.0)
    assert last["accept_rate"] == (answers - 1) / answers
    assert result["curve"][0]["f1"] == 0.0
    assert result["f1_of"] == "annotations"
    assert "retype trains no model" in messages


def test_retype_rejects_wrong_entities_and_does_not_find_missing_ones(project):
    rows = [row(text, gold(text)[:1]) for text in ASKED]
    rows[0]["spans"].append({"start": 0, "end": 7, "label": "PLANT"})
    assert rows[0]["text"].startswith("Planted")
    (project / "plants.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    last = simulate(*RETYPE, gold="kinds.jsonl")[0]["curve"][-1]
    assert last["precision"] == 1.0
    known, found = sum(len(gold(text)) for text in ASKED), sum(bool(gold(text)) for text in ASKED)
    assert last["recall"] == pytest.approx(found / known)


def test_a_partly_answered_session_has_partial_recall(project):
    curve = simulate(*RETYPE, "--answers", "3", gold="kinds.jsonl")[0]["curve"]
    assert curve[-1]["answers"] == 3
    assert 0 < curve[-1]["recall"] < 1


def test_options_override_the_session_section(project):
    section = {"dataset": "d", "source": "clicks.jsonl", "seed": 3, "ask": "span", "sorter": "random"}
    plain = simulate("--answers", "10", "--seed", "3", "--ask", "span", "--sorter", "random")[0]
    pipe(project, session=section)
    assert simulate("--answers", "10")[0] == plain
    assert simulate("--answers", "10", "--seed", "4")[0] != plain
    pipe(project, session={**section, "update_every": 4})
    assert simulate("--answers", "10")[0] != plain
    pipe(project, session={**section, "mode": "gold"})
    assert simulate()[0]["curve"][-1]["answers"] == sum(bool(gold(text)) for text in ASKED)
    kinds_of = {"mode": "retype", "source": "plants.jsonl", "subtypes": ["VEG", "HERB"]}
    pipe(project, session={**section, **kinds_of})
    assert simulate(gold="kinds.jsonl")[0]["f1_of"] == "annotations"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mode", "gold"], "--source: expected the annotations that gold continues from"),
        (
            ["--mode", "retype", "--source", "plants.jsonl"],
            "subtypes: expected the labels to choose from in retype, got none",
        ),
        (["--source", "plants.jsonl"], "--source: expected one of the modes gold, review, retype, got teach"),
        ([*RETYPE, "--evaluate", "gold.jsonl"], "--evaluate cannot be used with retype"),
        (["--label", "PLAND"], 'unknown label PLAND: expected one of PLANT; did you mean "PLANT"?'),
        (["--mode", "gold", "--source", "gone.jsonl"], "gone.jsonl"),
        (["--mode", "gold", "--source", "dataset:gone"], "gone"),
        (["--mode", "review", "--source", "other.jsonl"], "got 1 others, the first"),
        (
            ["--mode", "review", "--source", "late.jsonl"],
            "expected texts besides the evaluation texts, got none",
        ),
    ],
)
def test_conflicting_options_are_refused(project, monkeypatch, arguments, message):
    monkeypatch.setenv("NERTURE_STORE", str(project / "store.sqlite"))
    (project / "other.jsonl").write_text(json.dumps(row("Unheard of .", [])))
    (project / "late.jsonl").write_text(json.dumps(row(TEXTS[-1], [])))
    assert message in refused(*arguments)
