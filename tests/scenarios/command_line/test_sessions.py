"""The commands of teaching sessions: in the terminal, by letters from a pipe, on a real store and model."""

from __future__ import annotations

import json

import pytest
import yaml

from nerture import load

from ...support.command_line import DRUGS, TEXTS


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working folder with texts, patterns and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NERTURE_STORE", str(tmp_path / "store.sqlite"))
    (tmp_path / "texts.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    rows = [{"label": "DRUG", "pattern": drug} for drug in DRUGS[:3]]
    (tmp_path / "patterns.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return tmp_path


@pytest.fixture
def answers(run):
    """Return the rows of a dataset."""
    return lambda dataset: run("data", "export", dataset).rows


def session(run, *arguments, keys):
    return run(*arguments, "--terminal", "--annotator", "ada", stdin=keys.encode())


def test_teach_trains_and_saves_a_model_and_prints_what_is_next(run, desk, answers):
    done = session(run, "teach", "drugs", "texts.txt", "--patterns", "patterns.jsonl", keys="a\n" * 6 + "q\n")
    assert done.code == 0
    assert "6 answered: 6 accepted" in done.out
    assert "6 answers of this session in dataset drugs" in done.err
    assert "nerture apply drugs-model TEXTS" in done.err
    rows = answers("drugs")
    assert len(rows) == 6
    assert {row["_annotator_id"] for row in rows} == {"ada"}
    assert load(desk / "drugs-model").labels == ("DRUG",)
    assert load(desk / "drugs-model").meta["session"] == "drugs"
    pipeline = yaml.safe_load((desk / "drugs.yaml").read_text())
    assert pipeline["sources"] == [{"use": "answers", "dataset": "drugs"}]
    assert run("train", "drugs.yaml", "-o", "trained", "-q", "--set", "train.max_steps=2").code == 0


@pytest.mark.parametrize("start", ["blank:en", "model"])
def test_a_new_model_gets_pattern_matches_as_features(run, desk, start):
    command = "--label", "DRUG", "--patterns", "patterns.jsonl"
    if start == "model":
        session(run, "teach", "before", "texts.txt", "--label", "DRUG", "-o", start, keys="a\nq\n")
    session(run, "teach", "drugs", start, "texts.txt", *command, keys="a\na\nq\n")
    (desk / "patterns.jsonl").unlink()  # the folder has its own
    model = load(desk / "drugs-model")
    assert (model.learner.match_features is not None) == (start == "blank:en")
    assert run("apply", "drugs-model", "texts.txt", "-o", "tagged.jsonl").code == 0


def test_the_same_command_resumes_the_session(run, desk, answers):
    command = "teach", "drugs", "texts.txt", "--patterns", "patterns.jsonl", "--ask", "text"
    session(run, *command, keys="a\na\nq\n")
    second = session(run, *command, keys="u\nx\na\nq\n")
    assert "3 answered: 2 accepted, 1 rejected" in second.out
    assert len({row["text"] for row in answers("drugs")}) == 3


SUGGEST = "manual", "drugs", "texts.txt", "--label", "DRUG", "--annotators-per-question", "2"
MARKED = "m\n4\na\na\nm\n5,7\na\nm\n3\na\na\nm\n2,5\na\nm\n2\na\na\nm\n3\na\n"
"""Marks four drugs twice each in the first nine texts."""


def test_suggested_patterns_are_written_and_used_the_next_time(run, desk):
    (desk / "drugs-patterns.jsonl").write_text('{"label": "DRUG", "pattern": "tea"}')
    done = session(run, *SUGGEST, keys=MARKED + "p\n1,-2\n\nq\n")
    assert "accepted 2 times" in done.out
    message = (
        "1 pattern written to drugs-patterns.jsonl; use it with --patterns drugs-patterns.jsonl next time"
    )
    assert message in done.err
    first, second = (json.loads(line) for line in (desk / "drugs-patterns.jsonl").read_text().splitlines())
    assert first == {"label": "DRUG", "pattern": "tea"}
    word = second["pattern"][0]["LOWER"]
    assert word in DRUGS
    again = session(run, *SUGGEST, keys="q\n")
    assert "written to" not in again.err
    used = session(run, "match", "hits", "texts.txt", "--patterns", "drugs-patterns.jsonl", keys="a\nq\n")
    assert f"[{word} DRUG]" in used.out


def test_a_pattern_rejected_later_stays_in_the_file_and_is_reported(run, desk):
    session(run, *SUGGEST, "--suggested-patterns", "mine.jsonl", keys=MARKED + "p\n1\n\nq\n")
    mine = (desk / "mine.jsonl").read_text()
    assert mine.count("\n") == 1
    later = session(run, *SUGGEST, "--suggested-patterns", "mine.jsonl", keys="p\n-4\n\nq\n")
    assert "1 pattern in mine.jsonl was rejected since; remove what you do not want" in later.err
    assert (desk / "mine.jsonl").read_text() == mine


def test_patterns_that_cannot_be_written_are_written_the_next_time(run, desk):
    (desk / "mine.jsonl").mkdir()
    refused = session(run, *SUGGEST, "--suggested-patterns", "mine.jsonl", keys="q\n")
    assert (refused.code, "--suggested-patterns mine.jsonl: expected a file" in refused.err) == (1, True)
    (desk / "drugs-patterns.jsonl").mkdir()
    done = session(run, *SUGGEST, keys=MARKED + "p\n1\n\nq\n")
    assert done.code == 0
    assert "The new patterns were not written: drugs-patterns.jsonl: cannot be written" in done.err
    (desk / "drugs-patterns.jsonl").rmdir()
    assert "1 pattern written to drugs-patterns.jsonl" in session(run, *SUGGEST, keys="q\n").err


def test_an_existing_pipeline_is_not_changed(run, desk):
    (desk / "drugs.yaml").write_text("mine")
    session(run, "manual", "drugs", "texts.txt", "--label", "DRUG", keys="q\n")
    assert (desk / "drugs.yaml").read_text() == "mine"


def test_manual_takes_texts_in_order(run, desk, answers):
    keys = "m\n4, 5 2\na\n\nq\n"
    done = session(run, "manual", "drugs", "texts.txt", "--label", "DRUG,OTHER", keys=keys)
    assert done.code == 0
    first, second = answers("drugs")
    assert [(span["start"], span["end"], span["label"]) for span in first["spans"]] == [
        (11, 18, "DRUG"), (19, 24, "OTHER"),
    ]  # fmt: skip
    assert (second["text"], second["spans"], second["complete"]) == (TEXTS[1], [], ["DRUG", "OTHER"])
    assert not (desk / "drugs-model").exists()


def test_match_with_patterns_asks_about_every_match(run, desk, answers):
    done = session(run, "match", "drugs", "texts.txt", "--patterns", "patterns.jsonl", keys="a\nx\nq\n")
    assert "Is this DRUG?" in done.out
    assert [row["answer"] for row in answers("drugs")] == ["accept", "reject"]
    assert run("match", "patterns.jsonl", "texts.txt").rows[0]["spans"][0]["label"] == "DRUG"


def test_correct_starts_from_a_model_and_does_not_replace_it(run, desk, model, answers):
    started = (model / "model.safetensors").read_bytes()
    (desk / "drugs-model").symlink_to(model)
    done = session(run, "correct", "drugs", "drugs-model", "texts.txt", keys="a\n" * 6 + "q\n")
    assert done.code == 0
    assert "Model:   drugs-model-next/" in done.err
    assert (model / "model.safetensors").read_bytes() == started
    assert load(desk / "drugs-model-next").labels == ("DRUG",)
    assert len(answers("drugs")) == 6


def test_another_label_is_added_to_those_of_a_model(run, desk, model):
    done = session(run, "correct", "new", model, "texts.txt", "--label", "DOSE", keys="m\n3\na\n" * 6 + "q\n")
    assert done.code == 0
    assert "Mark every 1 DOSE" in done.out
    assert set(load(desk / "new-model").labels) == {"DRUG", "DOSE"}


def test_gold_review_and_retype_read_a_dataset(run, desk, answers):
    session(run, "match", "clicks", "texts.txt", "--patterns", "patterns.jsonl", keys="a\n" * 4 + "q\n")
    gold = session(run, "gold", "gold", "dataset:clicks", "--label", "DRUG", keys="a\n" * 9)
    assert gold.code == 0
    assert answers("gold")[0]["spans"][0]["label"] == "DRUG"
    retyped = session(
        run, "retype", "kinds", "dataset:gold", "--label", "DRUG", "--subtypes", "PILL,DROP", keys="1\n2\nq\n"
    )
    assert "Which is it: 1 PILL 2 DROP" in retyped.out
    assert [row["spans"][0]["label"] for row in answers("kinds") if row["spans"]][:2] == ["PILL", "DROP"]
    reviewed = session(run, "review", "final", "dataset:gold", "--label", "DRUG", keys="q\n")
    assert reviewed.code == 0
    same = session(run, "gold", "clicks", "dataset:clicks", "--label", "DRUG", keys="q\n")
    assert same.code == 1
    assert "expected another dataset than the source" in same.err


def test_a_pipeline_file_sets_labels_and_patterns(run, desk):
    parts = {
        "nerture": 1,
        "labels": ["DRUG"],
        "matchers": [{"use": "patterns", "path": "patterns.jsonl", "as": "question"}],
    }
    (desk / "pipe.yaml").write_text(json.dumps(parts))
    done = session(run, "teach", "drugs", "pipe.yaml", "texts.txt", keys="a\nq\n")
    assert done.code == 0
    assert "pattern" in done.out
    twice = session(run, "teach", "d", "pipe.yaml", "texts.txt", "--patterns", "patterns.jsonl", keys="q\n")
    assert (twice.code, "--patterns: cannot be combined" in twice.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["teach", "drugs"], 2, "expected DATASET [MODEL] SOURCE, or a PIPELINE"),
        (["teach", "drugs", "texts.txt"], 1, "--label: expected the labels to ask about"),
        (["teach", "drugs", "nowhere.txt", "--label", "DRUG"], 1, "nowhere.txt"),
        (["teach", "drugs", "no-model", "texts.txt"], 1, "no-model"),
        (["teach", "drugs", "texts.txt", "--label", "DRUG", "--sorter", "best"], 1, "best"),
        (["teach", "drugs", "texts.txt", "--patterns", "nowhere.jsonl"], 1, "nowhere.jsonl"),
        (
            ["retype", "drugs", "texts.txt", "--label", "DRUG"],
            1,
            "subtypes: expected the labels to choose from in retype, got none",
        ),
        (["teach", "drugs", "texts.txt", "--port", "99999", "--label", "D"], 2, "--port"),
    ],
)
def test_invalid_arguments_are_reported(run, desk, arguments, code, message):
    done = session(run, *arguments, keys="q\n")
    assert done.code == code
    assert message in done.err


def test_a_used_port_is_reported(run, desk):
    from nerture.web.server import listen

    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = run("teach", "drugs", "texts.txt", "--label", "DRUG", "--port", port, "--no-browser")
    assert done.code == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in done.err


def test_a_text_settled_by_another_session_is_not_asked_about(run, desk, answers):
    session(run, "manual", "drugs", "texts.txt", "--label", "DRUG", keys="\n" * 4 + "q\n")
    other = session(run, "correct", "drugs", "texts.txt", "--label", "DRUG", keys="a\n" * 20)
    assert "6 answered" in other.out
    assert len({row["text"] for row in answers("drugs")}) == len(answers("drugs")) == len(TEXTS)
    again = session(run, "correct", "drugs", "texts.txt", "--label", "DRUG", keys="u\na\nq\n")
    assert "6 answered" in again.out
    third = session(run, "match", "drugs", "texts.txt", "--patterns", "patterns.jsonl", keys="q\n")
    assert (third.code, "all texts are already answered in dataset drugs" in third.err) == (1, True)


HEARD = """
from pathlib import Path
from nerture import hookimpl

@hookimpl
def nerture_answer_saved(answer):
    with Path("heard.txt").open("a") as file:
        file.write(f"{answer.annotator} {answer.verdict} {answer.text}\\n")
"""


def test_plugins_are_notified_of_answers_in_the_terminal(run, desk):
    (desk / "nerture_plugins.py").write_text(HEARD)
    command = "manual", "drugs", "texts.txt", "--label", "DRUG"
    session(run, *command, keys="\nx\nu\n\nq\n")
    verdicts = ["ada accept", "ada reject", "ada accept"]
    texts = [TEXTS[0], TEXTS[1], TEXTS[1]]
    assert (desk / "heard.txt").read_text().splitlines() == [
        f"{verdict} {text}" for verdict, text in zip(verdicts, texts, strict=True)
    ]
    session(run, *command, keys="q\n")
    assert len((desk / "heard.txt").read_text().splitlines()) == 3


@pytest.mark.parametrize("command", ["teach", "correct", "manual", "gold", "retype", "review"])
@pytest.mark.parametrize(("token", "got"), [("", "an empty text"), ("x", "1")])
def test_a_token_that_could_be_guessed_is_refused_before_anything_is_opened(run, desk, command, token, got):
    before = sorted(path.name for path in desk.iterdir())
    done = run(command, "drugs", "texts.txt", "--label", "DRUG", "--terminal", "--token", token)
    assert done.code == 2
    message = " ".join(done.err.split())
    assert "--token" in message
    assert "expected a token of at least 16 characters" in message
    assert f"got {got}" in message
    assert "leave the token out, and one is made" in message
    assert sorted(path.name for path in desk.iterdir()) == before


def test_a_pipeline_sets_no_token(run, desk):
    """A file that is passed on would pass the token on."""
    (desk / "pipeline.yaml").write_text(
        "nerture: 1\nlabels: [DRUG]\nsession: {dataset: drugs, source: texts.txt, token: ''}\n"
    )
    done = run("teach", "pipeline.yaml")
    assert done.code == 1
    assert "session.token" in done.err
    assert not (desk / "store.sqlite").exists()
