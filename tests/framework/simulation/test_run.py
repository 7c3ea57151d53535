"""Simulated sessions: the curve is the session's."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

from nerture.cli.command_group import cli
from nerture.evaluation.scorer import score
from nerture.pipeline import open_pipeline
from nerture.sessions.plan import SessionPlan
from nerture.simulation.opening import Files, open_simulation

from ...support.plants import gold, texts

PIPELINE = """
nerture: 1
labels: [PLANT]
model: {width: 16, depth: 1, hidden: 16}
matchers:
  - {use: patterns, path: patterns.jsonl, as: [question, weak, feature]}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A pipeline, patterns, gold of 80 texts."""
    rows = [
        {"text": text, "spans": [{"start": s, "end": e, "label": label} for s, e, label in gold(text)]}
        for text in texts(80)
    ]
    (tmp_path / "gold.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "dev.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows[60:]))
    (tmp_path / "patterns.jsonl").write_text('{"label": "PLANT", "pattern": "leeks"}\n')
    (tmp_path / "pipeline.yaml").write_text(PIPELINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def simulate(*arguments):
    result = CliRunner().invoke(cli, ["simulate", "pipeline.yaml", "--gold", "gold.jsonl", *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_the_curve_has_its_keys_and_ends_at_the_limit(project):
    curve = json.loads(simulate("--answers", "30", "--json").stdout)["curve"]
    assert [set(point) for point in curve] == [
        {"answers", "seconds", "f1", "precision", "recall", "accept_rate", "expected_f1"}
    ] * len(curve)
    assert [point["answers"] for point in curve] == [0, 25, 30]
    seconds = [point["seconds"] for point in curve]
    assert seconds == sorted(seconds)
    assert all(
        0 <= point[key] <= 1 for point in curve for key in ("f1", "precision", "recall", "accept_rate")
    )


def test_the_curve_has_the_expected_f1(project, monkeypatch):
    monkeypatch.setattr("nerture.sessions.estimates.expected_f1.MIN_READ_TEXTS", 25)
    curve = json.loads(simulate("--answers", "40", "--mode", "correct", "--json").stdout)["curve"]
    expected = [point["expected_f1"] for point in curve]
    assert expected[0] is None
    assert expected[-1] is not None
    assert all(share is None or 0 <= share <= 1 for share in expected)


@pytest.mark.parametrize("answers", [17, 25, 40])
def test_the_last_point_is_the_model_as_the_session_leaves_it(project, answers):
    """It is trained on every answer, from scratch."""
    files = Files(str(project / "gold.jsonl"), str(project / "dev.jsonl"))
    plan = SessionPlan("teach", ("PLANT",), update_every=10)
    simulation = open_simulation(open_pipeline(project / "pipeline.yaml"), plan, files, sorter="uncertain")
    curve = simulation.run(answers, None)
    answer_index = simulation.state.answer_index
    assert [point.answers for point in curve].count(answers) == 1
    assert answer_index.learned_from() == answer_index.refitted == answers
    docs = [target.doc for target in simulation.held_out]
    found = simulation.learner.predict(docs)
    assert curve[-1].f1 == score(simulation.held_out, found, ("PLANT",)).total.f1


def test_no_answer_is_given_after_the_time_is_up(project):
    curve = json.loads(simulate("--seconds", "150", "--json", "--evaluate", "dev.jsonl").stdout)["curve"]
    assert 140 < curve[-1]["seconds"] <= 150
    assert [point["seconds"] // 100 for point in curve[:2]] == [0, 1]


def test_the_same_seed_plays_the_same_session(project):
    one, two, other = (
        simulate("--answers", "20", "--json", "--seed", seed).stdout for seed in ("1", "1", "2")
    )
    assert one == two
    assert one != other


def test_sessions_about_whole_texts_do_not_segment_them(project):
    rows = [json.loads(line) for line in (project / "gold.jsonl").read_text().splitlines()]
    pairs = []
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        shift = len(first["text"]) + 1
        shifted = [
            {**span, "start": span["start"] + shift, "end": span["end"] + shift} for span in second["spans"]
        ]
        text = f"{first['text']} {second['text']}"
        pairs.append(f"{json.dumps({'text': text, 'spans': first['spans'] + shifted})}\n")
    (project / "gold.jsonl").write_text("".join(pairs))

    def seconds(*options):
        out = simulate("--answers", "10", "--evaluate", "dev.jsonl", "--json", *options).stdout
        return json.loads(out)["curve"][-1]["seconds"]

    whole, passages = seconds("--ask", "text", "--no-segment"), seconds("--ask", "text", "--segment")
    assert passages < whole
    assert seconds("--ask", "text") == whole
    with (project / "pipeline.yaml").open("a") as file:
        file.write("session: {dataset: d, source: gold.jsonl, ask: text, segment: true}\n")
    assert seconds() == passages
    assert seconds("--no-segment") == whole


@pytest.mark.parametrize("mode", ["manual", "match", "correct"])
def test_sequential_modes_stop_after_their_texts(project, mode):
    curve = json.loads(simulate("--mode", mode, "--json", "--every", "40").stdout)["curve"]
    last = curve[-1]["answers"]
    assert last == (64 if mode != "match" else sum("leeks" in text for text in texts(64)))
    if mode != "match":
        assert curve[-1]["f1"] > curve[0]["f1"]


def test_the_table_and_the_drawing(project):
    result = simulate("--answers", "10", "--svg", "curve.svg", "--ask", "span", "--sorter", "random")
    assert "answers   seconds     F1   precision   recall   accepted" in result.stdout
    assert ET.parse(project / "curve.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_an_unknown_sorter_is_refused_with_the_nearest_name(project):
    arguments = ["simulate", "pipeline.yaml", "--gold", "gold.jsonl", "--sorter", "uncertian"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code != 0
    message = str(result.exception)
    assert message.startswith('unknown sorter "uncertian": expected one of high, low,')
    assert message.endswith('did you mean "uncertain"?')
