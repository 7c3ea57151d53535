"""Simulated sessions: the annotator is right and takes his time, the curve is the session's."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.cli.command_group import cli
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.evaluation.scorer import score
from nerture.pipeline import open_pipeline
from nerture.sessions.answers.question import Offered, Question
from nerture.sessions.plan import SessionPlan
from nerture.simulation.annotator import GoldAnnotator, edits
from nerture.simulation.opening import Files, open_simulation
from nerture.simulation.plot import plot
from nerture.simulation.run import Point

from .conftest import gold, texts

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


def test_the_curve_has_its_keys_and_ends_where_it_is_told_to(project):
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


def test_beside_the_true_f1_is_the_expected_one(project, monkeypatch):
    monkeypatch.setattr("nerture.sessions.estimates.expected_f1.FEWEST_READ", 25)
    curve = json.loads(simulate("--answers", "40", "--mode", "correct", "--json").stdout)["curve"]
    told = [point["expected_f1"] for point in curve]
    assert told[0] is None
    assert told[-1] is not None
    assert all(share is None or 0 <= share <= 1 for share in told)


@pytest.mark.parametrize("answers", [17, 25, 40])
def test_the_last_point_is_the_model_as_the_session_leaves_it(project, answers):
    """Every answer is learned from, and afresh."""
    files = Files(str(project / "gold.jsonl"), str(project / "dev.jsonl"))
    plan = SessionPlan("teach", ("PLANT",), learn_every=10)
    simulation = open_simulation(open_pipeline(project / "pipeline.yaml"), plan, files, sorter="uncertain")
    curve = simulation.run(answers, None)
    ledger = simulation.state.ledger
    assert [point.answers for point in curve].count(answers) == 1
    assert ledger.learned_from() == ledger.refitted == answers
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


def test_texts_alone_are_asked_about_as_a_whole(project):
    rows = [json.loads(line) for line in (project / "gold.jsonl").read_text().splitlines()]
    pairs = []
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        shift = len(first["text"]) + 1
        moved = [
            {**span, "start": span["start"] + shift, "end": span["end"] + shift} for span in second["spans"]
        ]
        text = f"{first['text']} {second['text']}"
        pairs.append(f"{json.dumps({'text': text, 'spans': first['spans'] + moved})}\n")
    (project / "gold.jsonl").write_text("".join(pairs))

    def seconds(*said):
        out = simulate("--answers", "10", "--evaluate", "dev.jsonl", "--json", *said).stdout
        return json.loads(out)["curve"][-1]["seconds"]

    whole, passages = seconds("--ask", "text", "--whole"), seconds("--ask", "text", "--passages")
    assert passages < whole
    assert seconds("--ask", "text") == whole
    with (project / "pipeline.yaml").open("a") as file:
        file.write("session: {dataset: d, source: gold.jsonl, ask: text, whole: false}\n")
    assert seconds() == passages
    assert seconds("--whole") == whole


@pytest.mark.parametrize("mode", ["manual", "match", "correct"])
def test_modes_go_through_their_texts_and_stop(project, mode):
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
    assert 'unknown sorter "uncertian"; did you mean "uncertain"?' in str(result.exception)


def question(kind, *spans, text="Slugs ate the kale .", fields=None):
    doc = Doc(text)
    tokens = tuple(map(tuple, doc.offsets.tolist()))
    offered = tuple(Offered(*span) for span in spans)
    return Question(text, tokens, kind, offered, ("PLANT",), "teach", "model", fields=fields or {})


class TestAnnotator:
    def annotator(self):
        doc = Doc("Slugs ate the kale .")
        return GoldAnnotator([Target(doc, (doc.span(3, 4, "PLANT"),))])

    @pytest.mark.parametrize(
        ("asked", "verdict", "seconds"),
        [
            (question("span", (14, 18, "PLANT")), "accept", 2.5),
            (question("span", (10, 18, "PLANT")), "reject", 2.5),
            (question("text", (14, 18, "PLANT")), "accept", 1.5 + 5 * 0.17),
            (question("text"), "accept", 1.5 + 5 * 0.17 + 3),
            (question("text", (10, 18, "PLANT"), (0, 5, "PLANT")), "accept", 1.5 + 5 * 0.17 + 6),
        ],
    )
    def test_answers_are_gold_and_take_their_time(self, asked, verdict, seconds):
        answer = self.annotator().answer(asked, 7, 100.0)
        assert answer.verdict == verdict
        assert answer.seconds == pytest.approx(seconds)
        assert answer.time == pytest.approx(100 + seconds)
        assert answer.spans == (((14, 18, "PLANT"),) if asked.kind == "text" else None)

    def test_a_passage_has_the_entities_that_lie_in_it(self):
        fields = {"passage": {"start": 6, "end": 18, "text": "Slugs ate the kale ."}}
        asked = question("text", text="ate the kale", fields=fields)
        assert self.annotator().answer(asked, 0, 0.0).spans == ((8, 12, "PLANT"),)

    def test_a_text_without_gold_is_refused(self):
        with pytest.raises(DataError, match="no text 'Snails came'"):
            self.annotator().answer(question("text", text="Snails came"), 0, 0.0)


SPANS = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 3), st.sampled_from("AB")), max_size=6).map(
    lambda rows: disjoint([(start, start + length, label) for start, length, label in rows])
)


def disjoint(spans):
    kept = []
    for span in sorted(spans):
        if not kept or kept[-1][1] <= span[0]:
            kept.append(span)
    return kept


@given(SPANS, SPANS)
@settings(deadline=None)
def test_edits_are_the_fewest(offered, right):
    """By trying every way to turn wrong spans into missing ones that they overlap."""
    wrong, missing = sorted(set(offered) - set(right)), sorted(set(right) - set(offered))

    def fewest(wrong, missing):
        if not missing:
            return len(wrong)
        first, rest = missing[0], missing[1:]
        ways = [1 + fewest(wrong, rest)]
        for span in wrong:
            if span[0] < first[1] and first[0] < span[1]:
                ways.append(1 + fewest([other for other in wrong if other != span], rest))
        return min(ways)

    assert edits(offered, right) == fewest(wrong, missing)


def test_a_plot_names_what_it_shows_and_takes_no_markup():
    curve = [Point(0, 0.0, 0.1, 0.2, 0.05, 0.0), Point(90, 1234.0, 0.7, 0.8, 0.6, 0.5)]
    root = ET.fromstring(plot(curve, "<b>&"))
    words = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "<b>&" in words
    assert {"F1", "precision", "recall", "seconds of the annotator", "500", "1000", "100"} <= set(words)
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 3
    heights = [float(point.split(",")[1]) for point in lines[0].get("points").split()]
    assert heights[0] > heights[1]  # F1 rises, and y runs downwards
    assert plot([], "nothing")
