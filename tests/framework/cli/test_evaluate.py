"""``nerture evaluate``: models and patterns against gold."""

from __future__ import annotations

SCORES = {
    "precision", "recall", "f1", "per_label", "ece", "brier", "reliability",
    "texts", "words", "words_per_second",
}  # fmt: skip


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


def test_evaluating_patterns_counts_labels_without_patterns(run, rows_file):
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


def test_evaluate_notifies_plugins(run, model, data, tmp_path):
    output = tmp_path / "f1"
    plugin = tmp_path / "nerture_plugins.py"
    plugin.write_text(
        "import nerture\n@nerture.hookimpl\ndef nerture_evaluated(evaluation):\n"
        f"    import pathlib\n    pathlib.Path({str(output)!r}).write_text(str(evaluation.report.f1))\n"
    )
    f1 = run("evaluate", model, data, "--json", "--plugins", tmp_path).json["f1"]
    assert output.read_text() == str(f1)
