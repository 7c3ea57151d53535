"""``nerture data list``, ``show`` and ``stats``: datasets looked at."""

from __future__ import annotations

import pytest

from ....support.datasets import ROWS


def test_list_counts(run, clicks, own_store):
    shown = run("data", "list")
    assert "clicks" in shown.out
    assert "1 dataset in" in shown.out
    (found,) = run("data", "list", "--json").json["datasets"]
    assert (found["name"], found["answers"], found["sessions"]) == ("clicks", 3, 0)
    assert run("data", "list", "--store", f"sqlite:///{own_store}").code == 0


def test_show_marks_the_spans(run, clicks):
    assert run("data", "show", "clicks").out.splitlines() == [
        "+ Took two [aspirin DRUG].",
        "- Took [a walk DRUG].  (ann)",
        "? Nothing.",
    ]
    assert run("data", "show", "clicks", "-n", "1", "--json").json == {
        "dataset": "clicks",
        "answers": ROWS[2:],
    }


def test_show_handles_rows_of_any_kind_and_control_characters(run, rows_file):
    rows = [
        {"text": "a b", "answer": "accept", "spans": [{"start": 0, "end": 3, "label": "A"},
                                                      {"start": 2, "end": 3, "label": "B"}]},
        {"text": "red \x1b[31m", "answer": "accept"},
    ]  # fmt: skip
    run("data", "import", "odd", rows_file("odd.jsonl", rows))
    assert run("data", "show", "odd").out == "+ [a b A]\n    also [b B]\n+ red ␛[31m\n"


def test_stats_count(run, clicks):
    counted = run("data", "stats", "clicks", "--json").json
    assert counted["verdicts"] == {"accept": 1, "reject": 1, "ignore": 1}
    assert counted["labels"] == {"DRUG": {"accept": 1, "reject": 1}}
    shown = run("data", "stats", "clicks").out
    assert "3 (accept 1, reject 1, ignore 1)" in shown
    assert "2023-11-14 22:13" in shown


def answered(text, annotator, answer, spans=(), **more):
    made = [{"start": start, "end": end, "label": "DRUG"} for start, end in spans]
    return {"text": text, "spans": made, "answer": answer, "_annotator_id": annotator, **more}


def test_stats_show_agreement(run, rows_file):
    binary, whole = {"_is_binary": True}, {"_view_id": "ner_manual"}
    rows = [
        answered("Two aspirin.", "ann", "accept", [(4, 11)], **binary),
        answered("Two aspirin.", "bob", "accept", [(4, 11)], **binary),
        answered("Two teas.", "ann", "accept", [(4, 8)], **binary),
        answered("Two teas.", "bob", "reject", [(4, 8)], **binary),
        answered("Two teas.", "cyd", "ignore", [(4, 8)], **binary),
        answered("No codeine", "ann", "accept", [(3, 10)], **whole),
        answered("No codeine", "bob", "accept", [], **whole),
        answered("No codeine", "cyd", "accept", [(3, 10)], complete=True),
        answered("Said by one.", "ann", "accept", [], **whole),
        answered("Nobody knows what was asked.", "ann", "accept", []),
        answered("Nobody knows what was asked.", "bob", "accept", []),
    ]
    run("data", "import", "both", rows_file("both.jsonl", rows))
    agreement = run("data", "stats", "both", "--json").json["agreement"]
    assert (agreement["questions"], agreement["units"]) == (3, 4)
    assert agreement["observed"] == pytest.approx((1 + 0 + 3 + 1) / 8)
    assert agreement["pairs"] == [
        {"annotators": ["ann", "bob"], "kappa": pytest.approx(1 / 3), "questions": 3},
        {"annotators": ["ann", "cyd"], "kappa": pytest.approx(1.0), "questions": 1},
        {"annotators": ["bob", "cyd"], "kappa": pytest.approx(0.0), "questions": 1},
    ]
    shown = run("data", "stats", "both").out
    assert f"alpha {agreement['alpha']:.2f} on 3 questions" in shown
    assert "ann and bob: kappa 0.33 on 3 questions" in shown


def test_stats_of_one_annotator_have_no_agreement(run, clicks):
    assert run("data", "stats", "clicks", "--json").json["agreement"] is None
    assert "agreement" not in run("data", "stats", "clicks").out
