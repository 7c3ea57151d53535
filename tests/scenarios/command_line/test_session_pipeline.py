"""A session that its pipeline file describes: started, overridden, checked; and the file trains from it."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from nerture import load

from ...support.command_line import DRUGS, SMALL, TEXTS, corpus, write_rows


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working folder, a project in a folder of it, and a store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NERTURE_STORE", str(tmp_path / "store.sqlite"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "texts.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    rows = [{"label": "DRUG", "pattern": drug} for drug in DRUGS[:3]]
    write_rows(folder / "patterns.jsonl", rows)
    write_rows(folder / "gold.jsonl", corpus())
    return tmp_path


@pytest.fixture
def project(desk):
    """Write the pipeline: ``project(session={...})``; return it as the command line names it."""

    def write(session=None, **changes):
        keys = {"dataset": "clicks", "source": "texts.txt", **(session or {})}
        pipeline = {
            "nerture": 1,
            "labels": ["DRUG"],
            "matchers": [{"use": "patterns", "path": "patterns.jsonl", "as": ["question", "feature"]}],
            "session": {name: value for name, value in keys.items() if value is not None},
            **SMALL,
            **changes,
        }
        (desk / "project" / "pipeline.yaml").write_text(json.dumps(pipeline, indent=1))
        return "project/pipeline.yaml"

    return write


@pytest.fixture
def answers(run):
    return lambda dataset: run("data", "export", dataset).rows


def session(run, *arguments, keys):
    return run(*arguments, "--terminal", "--annotator", "ada", stdin=keys.encode())


GOLD = {"use": "gold", "path": "gold.jsonl"}
CLICKS = {"use": "answers", "dataset": "clicks"}


def test_one_file_teaches_and_trains(run, desk, project, answers):
    pipeline = project(sources=[GOLD, CLICKS])
    before = run("check", pipeline)
    assert (before.code, "the pipeline's session will add answers" in before.out) == (0, True)
    early = run("train", pipeline, "-o", "early", "-q")
    assert (early.code, "sources[1]: store" in early.err) == (1, True), early.err
    done = session(run, "teach", pipeline, keys="a\n" * 6 + "q\n")
    assert done.code == 0, done.err
    assert len(answers("clicks")) == 6
    assert load(desk / "project" / "clicks-model").meta["session"] == "clicks"
    assert "Model:   project/clicks-model/" in done.err
    (command,) = re.findall(r"^Train: +nerture (train .*)$", done.err, re.MULTILINE)
    assert command == "train project/pipeline.yaml -o clicks-trained"
    trained = run(*shlex.split(command), "-q", "--set", "train.max_steps=2")
    assert trained.code == 0, trained.err
    assert load(desk / "clicks-trained").labels == ("DRUG",)
    assert run("check", pipeline).code == 0


def test_the_training_command_sets_the_answers_as_source(run, desk, project):
    done = session(run, "teach", project(), keys="a\n" * 4 + "q\n")
    (command,) = re.findall(r"^Train: +nerture (train .*)$", done.err, re.MULTILINE)
    assert run(*shlex.split(command), "-q", "--set", "train.max_steps=2").code == 0
    assert load(desk / "clicks-trained").labels == ("DRUG",)


def test_the_line_to_add_to_the_sources_is_valid(run, desk, project):
    done = session(run, "teach", project(sources=[GOLD]), keys="a\n" * 4 + "q\n")
    (line, command) = re.findall(r"add to `sources` of \S+:  - (.*)\n +nerture (train .*)$", done.err, re.M)[
        0
    ]
    import yaml

    project(sources=[GOLD, yaml.safe_load(line)])
    assert yaml.safe_load(line) == CLICKS
    assert run(*shlex.split(command), "-q", "--set", "train.max_steps=2").code == 0


def test_the_same_command_resumes_and_so_do_explicit_names(run, desk, project, answers):
    pipeline = project({"ask": "text"})
    session(run, "teach", pipeline, keys="a\na\nq\n")
    assert "3 answered" in session(run, "teach", pipeline, keys="a\nq\n").out
    names = ["clicks", pipeline, "project/texts.txt"]
    assert "4 answered" in session(run, "teach", *names, keys="a\nq\n").out
    assert "1 answered" in session(run, "teach", *names, "--ask", "span", keys="a\nq\n").out
    assert len(answers("clicks")) == 5


def test_options_override_the_section(run, project, answers):
    pipeline = project({"ask": "span", "update_every": 3})
    assert "Is this DRUG?" in session(run, "teach", pipeline, keys="q\n").out
    assert "Mark every" in session(run, "teach", pipeline, "--ask", "text", keys="q\n").out
    assert "Mark every" in session(run, "teach", pipeline, "--set", "session.ask=text", keys="q\n").out


def test_teach_starts_the_mode_of_the_section(run, project, answers):
    done = session(run, "teach", project({"mode": "manual"}), keys="\n\nq\n")
    assert done.code == 0
    assert [row["text"] for row in answers("clicks")] == TEXTS[:2]
    assert {row["_nerture"]["mode"] for row in answers("clicks")} == {"manual"}


def test_another_command_sets_the_mode_if_the_section_does_not(run, project, answers):
    session(run, "manual", project(), keys="\nq\n")
    assert [row["_nerture"]["mode"] for row in answers("clicks")] == ["manual"]


def test_match_takes_a_pipeline_alone_or_as_the_model(run, project, answers):
    assert "Is this DRUG?" in session(run, "match", project(), keys="a\nq\n").out
    assert session(run, "match", "more", project(), "project/texts.txt", keys="a\nq\n").code == 0
    assert [len(answers(name)) for name in ("clicks", "more")] == [1, 1]
    assert {row["_nerture"]["mode"] for row in answers("clicks")} == {"match"}


def test_another_command_than_the_stated_mode_is_refused(run, project):
    pipeline = project({"mode": "manual"})
    done = session(run, "correct", pipeline, keys="q\n")
    assert done.code == 1
    assert re.search(
        r'pipeline.yaml:\d+: session.mode: expected "correct" \(the command\), got "manual"; ', done.err
    )
    assert f"use `nerture teach {pipeline}`" in done.err
    assert session(run, "manual", pipeline, keys="q\n").code == 0
    assert session(run, "correct", pipeline, "--set", "session.mode=correct", keys="q\n").code == 0
    named = session(run, "correct", "other", pipeline, "project/texts.txt", keys="q\n")
    assert (named.code, "answers of this session in dataset other" in named.err) == (0, True)


def test_gold_and_retype_read_answers(run, project, answers):
    session(run, "teach", project(), keys="a\n" * 4 + "q\n")
    gold = project({"mode": "gold", "dataset": "whole", "source": "dataset:clicks"})
    assert session(run, "teach", gold, keys="a\n" * 9).code == 0
    assert answers("whole")[0]["complete"] == ["DRUG"]
    kinds = {"dataset": "kinds", "source": "dataset:whole", "mode": "retype", "subtypes": ["PILL", "DROP"]}
    retyped = session(run, "teach", project(kinds), keys="1\nq\n")
    assert "Which is it: 1 PILL 2 DROP" in retyped.out
    assert run("check", project(kinds)).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["teach", "bare.yaml"], 1, "bare.yaml: expected a section `session`, got none; add one"),
        (["teach", "drugs", "bare.yaml"], 2, "expected a pipeline file alone"),
        (["teach", "gone.yaml"], 1, "gone.yaml: cannot be read"),
        (["teach", "project/pipeline.yaml", "--patterns", "p.jsonl"], 1, "--patterns: cannot be combined"),
        (["teach", "project/pipeline.yaml", "--label", "DRAG"], 1, "--label: unknown label DRAG"),
        (["teach", "drugs", "texts.txt", "--set", "session.seed=1"], 2, "--set requires a pipeline file"),
        (["teach", "project/pipeline.yaml", "--set", "session.sorter=best"], 1, "sorter.use: unknown"),
        (["teach"], 2, "or a PIPELINE with a section `session`"),
    ],
)  # fmt: skip
def test_invalid_arguments_are_reported(run, desk, project, arguments, code, message):
    project()
    (desk / "bare.yaml").write_text("nerture: 1\nlabels: [DRUG]\n")
    done = session(run, *arguments, keys="q\n")
    assert done.code == code
    assert message in done.err


@pytest.mark.parametrize(
    ("keys", "changes", "code"),
    [
        ({"source": "gone.txt"}, {}, "unreadable"),
        ({"source": "dataset:none"}, {}, "unreadable"),
        ({"mode": "match"}, {"matchers": []}, "no-patterns"),
        ({"source": "empty.txt"}, {}, "no-texts"),
        ({"source": "gold.jsonl", "mode": "gold"}, {}, "not-an-answer"),
        ({"source": "gold.jsonl", "mode": "review"}, {"labels": ["X"]}, "unknown-label"),
        ({"sorter": "best"}, {}, "pipeline"),
    ],
)
def test_check_finds_what_prevents_a_session(run, desk, project, keys, changes, code):
    (desk / "project" / "empty.txt").write_text("")
    done = run("check", project(keys, **changes), "--json")
    assert done.code == 1
    assert code in {error["code"] for error in done.json["errors"]}, done.out


def test_check_warns_of_rows_that_a_session_skips(run, desk, project):
    write_rows(desk / "project" / "some.jsonl", [{"text": "One ."}, "no json"])
    done = run("check", project({"source": "some.jsonl"}), "--json")
    assert done.code == 0
    (warning,) = done.json["warnings"]
    assert (warning["line"], "skipped in the session" in warning["message"]) == (2, True)
