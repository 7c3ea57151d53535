"""The page on datasets is true: its commands print what it says, its pipeline is valid, its example runs."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from nerture.cli.exit_codes import run
from nerture.config import load_config
from nerture.hosting.manager import make_manager
from nerture.sessions.answers.prodigy_rows import to_prodigy_row
from nerture.sessions.answers.question import Answer, Question, SuggestedSpan

from ..support.repository import DOCS

PAGE = (DOCS / "datasets.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_commands_print_what_the_page_says_and_the_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NERTURE_STORE", "store.sqlite")
    (rows,) = blocks("json")
    Path("clicks.jsonl").write_text(rows)
    for block in blocks("console"):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, wanted = step.split("\n", 1)
            assert run(shlex.split(command)[1:]) == 0
            said = "".join(capsys.readouterr()).replace(str(tmp_path), "/home/ann")
            assert said == wanted, command
    assert Path("copy.jsonl").read_text() == rows
    (code,) = blocks("python")
    exec(code, {})
    assert capsys.readouterr().out.startswith("accept Slugs ate the beans.\n")


def test_the_pipeline_is_valid(tmp_path):
    (text,) = blocks("yaml")
    (tmp_path / "pipeline.yaml").write_text(text)
    config = load_config(tmp_path / "pipeline.yaml", registry=make_manager().registry)
    assert config.sources[1].options.dataset == "clicks"


def test_every_field_that_a_session_writes_has_its_row():
    question = Question(
        "Slugs eat", ((0, 5), (6, 9)), "text", (SuggestedSpan(0, 5, "PEST", 0.5, "p1"),), ("PEST",), "teach",
        "model", probability=0.5, sampling=0.1, meta={"page": 1},
    )  # fmt: skip
    row = to_prodigy_row(
        question, Answer("a", question.id, "accept", "ann", flagged=True, seconds=1.0), "clicks"
    )
    table = PAGE.split("## What a session writes")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))
    assert named == set(row)
    assert set(row["spans"][0]) | set(row["tokens"][0]) <= set(re.findall(r"`(\w+)`", table))
    assert json.loads(json.dumps(row)) == row


def test_links_of_the_page_lead_somewhere():
    for name, anchor in re.findall(r"\]\(([\w-]+\.md)#([\w-]+)\)", PAGE):
        heads = re.findall(r"^#+ (.*)$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}
