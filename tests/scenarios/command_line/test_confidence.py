"""How sure: scores, thresholds, alternatives and rules on the command line."""

from __future__ import annotations

import json

import pytest

import nerture

TEXT = b"I take two aspirin daily .\nNothing to see here .\n"


@pytest.fixture
def patterns(rows_file):
    """Write phrases of a label as a pattern file."""
    return lambda name, *phrases, label="DRUG": rows_file(
        name, [{"label": label, "pattern": phrase} for phrase in phrases]
    )


def texts_of(row):
    return [row["text"][span["start"] : span["end"]] for span in row["spans"]]


def test_scores_are_written_if_asked_for(run, model):
    doc = nerture.load(model)("I take two aspirin daily .")
    plain = run("apply", model, "-", "--format", "text", stdin=TEXT).rows
    assert all("score" not in span for row in plain for span in row["spans"])
    rows = run("apply", model, "-", "--format", "text", "--scores", stdin=TEXT).rows
    assert [span["score"] for span in rows[0]["spans"]] == [round(span.score, 6) for span in doc.spans]
    assert 0.5 < rows[0]["spans"][0]["score"] <= 1


def test_thresholds_select_entities(run, model):
    def found(*options):
        result = run("apply", model, "-", "--format", "text", *options, stdin=TEXT)
        assert result.code == 0
        return [len(row["spans"]) for row in result.rows]

    assert (
        found()
        == found("--threshold", "0.5")
        == found("--threshold", "DRUG=0.5", "--threshold", "1")
        == [1, 0]
    )
    assert found("--threshold", "1") == found("--threshold", "DRUG=1", "--threshold", "0.1") == [0, 0]
    assert sum(found("--threshold", "0")) > 1


def test_a_threshold_of_another_label_names_the_nearest(run, model):
    result = run("apply", model, "-", "--threshold", "DRGU=0.5", stdin=TEXT)
    assert (result.code, result.out) == (2, "")
    assert "--threshold: expected one of the labels DRUG, got 'DRGU'; did you mean DRUG?" in result.err


def test_evaluate_takes_thresholds_and_rules(run, model, data, patterns):
    assert run("evaluate", model, data, "--threshold", "1", "--json").json["recall"] == 0
    forbidden = run("evaluate", model, data, "--forbid", patterns("p.jsonl", "aspirin"), "--json").json
    assert forbidden["recall"] < run("evaluate", model, data, "--json").json["recall"]
    result = run("evaluate", patterns("p.jsonl", "aspirin"), data, "--threshold", "0.5")
    assert (result.code, result.out) == (2, "")
    assert "--threshold: expected a model folder, got patterns" in result.err


def test_alternatives_are_the_most_probable_analyses(run, model):
    loaded = nerture.load(model)
    rows = run("apply", model, "-", "--format", "text", "-k", 3, stdin=TEXT).rows
    for row in rows:
        expected = loaded.k_best(row["text"], 3)
        assert [one["probability"] for one in row["alternatives"]] == pytest.approx(
            [analysis.probability for analysis in expected], rel=1e-5
        )
        for one, analysis in zip(row["alternatives"], expected, strict=True):
            assert [
                (span["start"], span["end"], span["label"], span["token_start"], span["token_end"] + 1)
                for span in one["spans"]
            ] == [(s.start_char, s.end_char, s.label, s.start, s.end) for s in analysis.spans]
    assert len(rows[0]["alternatives"]) == 3


def test_alternatives_of_an_earlier_run_are_removed(run, model, tmp_path):
    out = tmp_path / "rows.jsonl"
    run("apply", model, "-", "--format", "text", "-k", 2, "-o", out, stdin=TEXT)
    assert "alternatives" in json.loads(out.read_text().splitlines()[0])
    rows = run("apply", model, out).rows
    assert len(rows) == 2
    assert not any("alternatives" in row for row in rows)


def test_a_text_too_long_for_alternatives_is_skipped_and_reported(run, model, tmp_path):
    source, out = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("x " * 9000 + "\nI take aspirin .\n")
    result = run("apply", model, source, "-o", out, "-k", 2)
    assert result.code == 0
    assert [json.loads(line)["text"] for line in out.read_text().splitlines()] == ["I take aspirin ."]
    [rejected] = [json.loads(line) for line in (tmp_path / "out.rejected.jsonl").read_text().splitlines()]
    assert (rejected["line"], rejected["code"]) == (1, "not-analysed")
    assert "got 9,000" in rejected["message"]


@pytest.mark.parametrize("option", [["--scores"], ["-k", "2"]], ids=str)
@pytest.mark.parametrize("form", [["-o", "out.conll"], ["--writer", "conll"]], ids=str)
def test_options_that_columns_cannot_hold_are_refused(run, model, tmp_path, monkeypatch, option, form):
    monkeypatch.chdir(tmp_path)
    result = run("apply", model, "-", "--format", "text", *option, *form, stdin=TEXT)
    assert (result.code, result.out) == (2, "")
    assert f"{option[0]}: expected JSON lines" in result.err
    assert not list(tmp_path.iterdir())


def test_rules_require_and_forbid(run, model, patterns):
    def found(*options):
        rows = run("apply", model, "-", "--format", "text", *options, stdin=TEXT).rows
        return [texts_of(row) for row in rows]

    assert found() == [["aspirin"], []]
    assert found("--require", patterns("a.jsonl", "Nothing to", "to see")) == [["aspirin"], ["Nothing to"]]
    assert found("--forbid", patterns("b.jsonl", "aspirin")) == [[], []]
    both = found(
        "--require", patterns("a.jsonl", "two"), "--require", patterns("c.jsonl", "here", "see here")
    )
    assert both == [["two", "aspirin"], ["see here"]], "files of one option are one: the longest wins"
    scores = run("apply", model, "-", "--format", "text", "--scores", "--require",
                 patterns("a.jsonl", "two"), stdin=TEXT).rows[0]["spans"]  # fmt: skip
    assert scores[0]["score"] == 1.0


def test_all_overlapping_matches_are_forbidden(run, model, rows_file):
    words = rows_file("w.jsonl", [{"label": "DRUG", "pattern": [{"IS_ALPHA": True, "OP": "+"}]}])
    rows = run(
        "apply", model, "-", "--format", "text", "--forbid", words, "--threshold", "0.0001", stdin=TEXT
    ).rows
    assert all(not text.isalpha() for row in rows for text in texts_of(row))


def test_a_text_with_contradicting_rules_is_skipped(run, model, patterns, tmp_path):
    same = patterns("p.jsonl", "two")
    arguments = ["apply", model, "-", "--format", "text", "--require", same, "--forbid", same]
    result = run(*arguments, stdin=TEXT)
    assert result.code == 0
    assert [row["text"] for row in result.rows] == ["Nothing to see here ."]
    assert "<stdin>:1: constraints: DRUG 'two'" in result.err
    assert "is required by pattern '1', and forbidden by pattern '1'" in result.err
    strict = run(*arguments, "--strict", stdin=TEXT)
    assert (strict.code, strict.out) == (1, "")


@pytest.mark.parametrize("option", ["--require", "--forbid"])
def test_bad_rules_are_reported(run, model, patterns, rows_file, option):
    result = run("apply", model, "-", option, patterns("p.jsonl", "x", label="DRGU"), stdin=TEXT)
    assert (result.code, result.out) == (1, "")
    assert f"{option}: expected" in result.err
    result = run("apply", model, "-", option, "gone.jsonl", stdin=TEXT)
    assert result.code == 1
    assert "gone.jsonl" in result.err
    result = run("apply", model, "-", option, rows_file("q.jsonl", [{"label": "DRUG"}]), stdin=TEXT)
    assert result.code == 1
    assert "q.jsonl:1: " in result.err


def test_the_terminal_shows_scores_and_alternatives():
    from nerture.cli.tagging.alternatives import format_analysis
    from nerture.models.constrained_learner import Analysis
    from nerture.terminal.highlight import Highlighter

    doc = nerture.Doc("Took aspirin\x1b\nnow")
    start = doc.words.index("Took")
    span = doc.span(start, start + 1, "DR\x1bUG", 0.876)
    assert Highlighter([], False)(doc, [span]).startswith("[Took DR␛UG 0.88] ")
    assert "DR␛UG 0.88" in Highlighter([], True)(doc, [span])
    assert format_analysis(Analysis(0.25, (span, doc.span(1, len(doc), "B")))).startswith(
        "    0.250  Took DR␛UG, aspirin"
    )
    assert "\n" not in format_analysis(Analysis(0.25, (doc.span(1, len(doc), "B"),)))
    assert format_analysis(Analysis(0.125, ())) == "    0.125  no entity"


def test_evaluate_shows_the_reliability_of_probabilities(run, model, data):
    result = run("evaluate", model, data, "--json").json
    assert len(result["reliability"]) == 10
    assert sum(part["count"] for part in result["reliability"]) > 10
    assert set(result["reliability"][0]) == {"from", "to", "count", "confidence", "accuracy"}
    shown = run("evaluate", model, data).out
    assert f"ECE {100 * result['ece']:.1f}, Brier {result['brier']:.3f}" in shown
    assert "0.9 to 1.0" in shown


def test_evaluate_of_patterns_has_no_probabilities(run, patterns, data):
    result = run("evaluate", patterns("p.jsonl", "aspirin"), data, "--json").json
    assert [result[name] for name in ("ece", "brier", "reliability")] == [None, None, None]
    assert "ECE" not in run("evaluate", patterns("p.jsonl", "aspirin"), data).out
