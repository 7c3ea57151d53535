from __future__ import annotations

import json
import shutil

import pytest

import nerture
from nerture.core.learner import learner as learner_module

TEXT = "I take two aspirin daily ."


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("precision", ["f16", "int8"])
def test_a_smaller_model_finds_the_same(run, model, data, tmp_path, files_in, precision):
    before, new = files_in(model), tmp_path / "new"
    result = run("compress", model, "-o", new, "--precision", precision, "--check", data, "--json")
    assert result.code == 0, result.err
    assert result.json["bytes_before"] == size_of(model)
    assert result.json["bytes"] == size_of(new) < 0.75 * size_of(model)
    assert result.json["f1_before"] == pytest.approx(result.json["f1"], abs=0.003)
    assert files_in(model) == before, "the model itself stays as it is"
    assert run("evaluate", new, data, "--json").json["f1"] == pytest.approx(result.json["f1"])
    loaded = nerture.load(new)
    assert loaded.learner.precision == precision
    assert loaded(TEXT).spans == nerture.load(model)(TEXT).spans
    assert run("describe", new, "--json").json["precision"] == precision
    assert f"{precision}: stored" in run("describe", new).out
    assert run("describe", model, "--json").json["precision"] == "f32"
    assert "Size " in run("compress", model, "-o", new, "--precision", precision).err

    assert run("calibrate", new, data).code == 0
    assert nerture.load(new).learner.precision == precision, "what is saved later keeps it"
    loaded.update([{"text": TEXT, "spans": []}])
    assert loaded.learner.precision == "f32", "what is trained further has all its bits"


def test_a_loss_beyond_the_limit_is_refused(run, model, data, tmp_path, monkeypatch):
    monkeypatch.setattr(learner_module, "round_weights", lambda weights, precision: weights.zeros_like())
    arguments = ("compress", model, "-o", tmp_path / "new", "--precision", "int8")
    result = run(*arguments, "--check", data, "--max-loss", 1.5)
    assert result.code == 1
    assert f"{data}: F1 " in result.err
    assert "expected int8 to lose at most 1.5 points (--max-loss), got " in result.err
    assert "; nothing was written" in result.err
    assert not (tmp_path / "new").exists()
    assert run(*arguments, "--check", data, "--max-loss", 100).code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--precision", "int4"), "'int4' is not one of"),
        ((), "Missing option '--precision'"),
        (("--precision", "f16", "--max-loss", -1), "--max-loss"),
        (("--precision", "f16", "--check", "gone.jsonl"), "gone.jsonl"),
    ],
)
def test_wrong_options_are_refused(run, model, tmp_path, arguments, message):
    result = run("compress", model, "-o", tmp_path / "new", *arguments)
    assert result.code in {1, 2}
    assert message in result.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", [("compress", "--precision", "int8"), ("calibrate",)])
def test_a_file_beyond_the_model_is_never_copied(run, model, data, tmp_path, command):
    bad, new = tmp_path / "bad", tmp_path / "new"
    shutil.copytree(model, bad)
    (tmp_path / "secret.txt").write_text("TOP SECRET")
    meta = json.loads((bad / "meta.json").read_text())
    (bad / "meta.json").write_text(json.dumps({**meta, "files": {"up.txt": "../secret.txt"}}))
    name, *options = command
    done = run(name, bad, *([data] if name == "calibrate" else []), "-o", new, *options)
    assert done.code == 1
    assert f"{bad / 'meta.json'}: files['up.txt']: expected a regular file within {bad}" in done.err
    assert f"got '../secret.txt', which is {tmp_path / 'secret.txt'}" in done.err
    assert not new.exists()
