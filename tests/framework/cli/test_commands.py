"""What each command does when all is well; training and tagging have files of their own."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from nerture import __version__
from nerture.cli.command_group import COMMANDS
from nerture.cli.generate_docs import reference

SCORES = {
    "precision", "recall", "f1", "per_label", "ece", "brier", "reliability",
    "texts", "words", "words_per_second",
}  # fmt: skip


def test_version_and_help(run):
    assert run("--version").out == f"nerture, version {__version__}\n"
    assert run("--help").out == run("-h").out
    assert "Exit codes" in run("--help").out


def test_every_help_text_has_examples(run):
    for name in COMMANDS:
        result = run(name, "--help")
        assert result.code == 0
        assert f"Examples:\n    nerture {name}" in result.out


def test_the_page_of_commands_is_up_to_date():
    page = Path(__file__).parents[3] / "docs" / "commands.md"
    assert page.read_text() == reference(), "python -m nerture.cli.generate_docs > docs/commands.md"


def test_init_writes_the_starter_project_once(run, tmp_path):
    folder = tmp_path / "new" / "garden"
    result = run("init", folder)
    assert result.code == 0
    assert f"nerture train {folder / 'pipeline.yaml'}" in result.err
    assert {"pipeline.yaml", "training.jsonl"} <= {path.name for path in folder.iterdir()}
    assert run("check", folder / "pipeline.yaml").code == 0
    (folder / "pipeline.yaml").write_text("mine")
    assert run("init", folder).code == 1
    assert (folder / "pipeline.yaml").read_text() == "mine"
    assert [path.name for path in folder.parent.iterdir()] == ["garden"]


def test_init_writes_a_pipeline_for_own_data(run, tmp_path, data):
    folder = tmp_path / "own"
    assert run("init", folder, "--data", data, "--evaluate", data).code == 0
    config = yaml.safe_load((folder / "pipeline.yaml").read_text())
    assert config["labels"] == ["DRUG"]
    assert (folder / config["sources"][0]["path"]).resolve() == data.resolve()
    assert run("check", folder / "pipeline.yaml").code == 0
    assert (
        run("init", tmp_path / "two", "--data", data, "--labels", "A, B", "--patterns", "starter:units").code
        == 0
    )
    assert yaml.safe_load((tmp_path / "two" / "pipeline.yaml").read_text())["labels"] == ["A", "B"]


def test_evaluate_a_model(run, model, data):
    result = run("evaluate", model, data, "--json")
    assert result.code == 0
    assert result.json.keys() == SCORES
    assert result.json["per_label"]["DRUG"].keys() == {"precision", "recall", "f1", "support"}
    assert result.json["texts"] == 60
    assert 0 < result.json["f1"] <= 1
    table = run("evaluate", model, data)
    assert "DRUG" in table.out
    assert "60 texts" in table.out


def test_evaluate_patterns_counts_labels_that_they_do_not_know(run, rows_file):
    patterns = rows_file("p.jsonl", [{"label": "DRUG", "pattern": "aspirin"}])
    data = rows_file(
        "d.jsonl",
        [
            {"text": "aspirin", "spans": [{"start": 0, "end": 7, "label": "DRUG"}]},
            {"text": "two aspirin", "spans": [{"start": 0, "end": 3, "label": "DOSE"}]},
        ],
    )
    result = run("evaluate", patterns, data, "--json").json
    assert (result["precision"], result["recall"]) == (0.5, 0.5)
    assert {label: scores["support"] for label, scores in result["per_label"].items()} == {
        "DRUG": 1,
        "DOSE": 1,
    }
    left = run("evaluate", patterns, data, "--json", "--map", "DOSE=").json
    assert (left["precision"], left["recall"]) == (0.5, 1.0)


def test_evaluate_uses_the_tokens_of_the_data(run, rows_file):
    patterns = rows_file("p.jsonl", [{"label": "DRUG", "pattern": [{"ORTH": "as"}]}])
    tokens = [{"text": "as", "start": 0, "end": 2, "id": 0}, {"text": "pirin", "start": 2, "end": 7, "id": 1}]
    row = {"text": "aspirin", "spans": [{"start": 0, "end": 2, "label": "DRUG"}]}
    with_tokens = rows_file("with.jsonl", [row | {"tokens": tokens}])
    assert run("evaluate", patterns, with_tokens, "--json").json["f1"] == 1.0
    assert run("evaluate", patterns, rows_file("without.jsonl", [row]), "--json").code == 1


def test_evaluate_tells_plugins(run, model, data, tmp_path):
    told = tmp_path / "told"
    plugin = tmp_path / "nerture_plugins.py"
    plugin.write_text(
        "import nerture\n@nerture.hookimpl\ndef nerture_evaluated(evaluation):\n"
        f"    import pathlib\n    pathlib.Path({str(told)!r}).write_text(str(evaluation.report.f1))\n"
    )
    f1 = run("evaluate", model, data, "--json", "--plugins", tmp_path).json["f1"]
    assert told.read_text() == str(f1)


def test_check_fix_writes_a_copy_and_shows_the_diff(run, rows_file, tmp_path):
    row = {"text": "Took aspirin .", "spans": [{"start": 4, "end": 12, "label": "DRUG"}]}
    path = rows_file("d.jsonl", [row, "{"])
    before = path.read_bytes()
    result = run("check", path, "--fix")
    assert result.code == 1
    assert f"{path}:1: error: " in result.out
    assert "@@ -1 +1 @@" in result.out
    fixed = json.loads((tmp_path / "d.fixed.jsonl").read_text())
    assert (fixed["spans"][0]["start"], fixed["spans"][0]["end"]) == (5, 12)
    assert (tmp_path / "d.aside.jsonl").read_text() == "{\n"
    assert path.read_bytes() == before
    assert run("check", tmp_path / "d.fixed.jsonl").code == 0


def test_check_fix_of_a_pipeline_mends_its_files(run, project):
    row = {"text": "Took aspirin .", "spans": [{"start": 4, "end": 12, "label": "DRUG"}]}
    pipeline, _ = project([row])
    result = run("check", pipeline, "--fix", "--json")
    assert result.code == 1
    assert [error["line"] for error in result.json["errors"]] == [1]
    assert (pipeline.parent / "data.fixed.jsonl").is_file()


def test_check_shows_the_first_of_a_kind(run, rows_file):
    path = rows_file("d.jsonl", ["{"] * 30)
    assert "and 10 more of [bad-json] (--all shows them)" in run("check", path).out
    assert run("check", path, "--all").out.count("[bad-json]") == 30
    assert len(run("check", path, "--json").json["errors"]) == 30


def test_describe_tells_from_which_probability_on_the_model_finds(run, model):
    described = run("describe", model, "--json").json
    assert 0.1 <= described["threshold"] <= 0.5
    printed = run("describe", model).out
    assert f"{described['threshold']:.2f}: what is likelier is found" in printed
    assert f"{described['temperature']:.2f}: its probabilities are calibrated" in printed


def test_describe_counts_every_parameter(run, model):
    described = run("describe", model, "--json").json
    assert described["labels"] == ["DRUG"]
    assert described["parameters"] == sum(block["count"] for block in described["blocks"])
    for block in described["blocks"]:
        count = 1
        for length in block["shape"]:
            count *= length
        assert block["count"] == count
    assert described["bytes"] == sum(path.stat().st_size for path in model.iterdir())
    assert described["model"]["width"] == 16
    text = run("describe", model).out
    assert "embed.norm" in text
    assert "DRUG" in text


def test_plugins_lists_names_origins_hooks_and_parts(run, tmp_path):
    (tmp_path / "nerture_plugins.py").write_text(
        "import nerture\n@nerture.hookimpl\ndef nerture_evaluated(evaluation):\n    pass\n"
    )
    listed = {
        plugin["name"]: plugin for plugin in run("plugins", "--plugins", tmp_path, "--json").json["plugins"]
    }
    assert "reader jsonl" in listed["nerture.plugins.jsonl"]["parts"]
    assert listed["nerture_plugins"]["hooks"] == ["nerture_evaluated"]
    assert listed["nerture_plugins"]["origin"] == str(tmp_path / "nerture_plugins.py")
    assert "nerture.plugins.jsonl" in run("plugins").out


def test_schema_is_a_schema(run):
    schema = run("schema").json
    assert {"labels", "sources", "train"} <= schema["properties"].keys()


def test_new_plugin(run, tmp_path):
    assert run("new-plugin", "dose-finder", tmp_path).code == 0
    assert (tmp_path / "dose-finder" / "pyproject.toml").is_file()
    assert run("new-plugin", "dose-finder", tmp_path).code == 1


PLUGIN = """
import click, nerture

@click.command("hello")
def hello():
    '''Say hello.'''
    click.echo("hello")

@click.command("broken")
def broken():
    raise ValueError("oh")

@nerture.hookimpl
def nerture_register_commands(cli):
    cli.add_command(hello)
    cli.add_command(broken)
"""


def test_a_plugin_adds_commands(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("nerture_plugins.py").write_text(PLUGIN)
    assert run("hello").out == "hello\n"
    assert "Say hello." in run("--help").out
    broken = run("broken")
    assert broken.code == 1
    assert f"this is a bug: ValueError: oh ({tmp_path / 'nerture_plugins.py'}:11)" in broken.err


def test_a_plugin_cannot_take_a_command(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("nerture_plugins.py").write_text(PLUGIN.replace('"hello"', '"train"'))
    result = run("--help")
    assert result.code == 0
    assert 'the command "train"' in result.err


def test_tracebacks_only_for_debugging(capsys, monkeypatch):
    from nerture.cli.exit_codes import run

    monkeypatch.setenv("NERTURE_DEBUG", "1")
    assert run(["apply", "gone", "gone"]) == 1
    assert "Traceback" in capsys.readouterr().err
