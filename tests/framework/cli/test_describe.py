"""``nerture describe``: what a model is."""

from __future__ import annotations


def test_describe_shows_threshold_and_temperature(run, model):
    described = run("describe", model, "--json").json
    assert 0.1 <= described["threshold"] <= 0.5
    printed = run("describe", model).out
    assert f"{described['threshold']:.2f}: spans above this probability are entities" in printed
    assert f"{described['temperature']:.2f}: calibrated" in printed


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
