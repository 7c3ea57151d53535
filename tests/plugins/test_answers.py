import itertools
import re

import pytest

from nerture.core.text.doc import Span
from nerture.errors import ConfigError
from nerture.interfaces import Problem, Target
from nerture.plugins.answers import AnswersOptions, make_answers

from ..support.repository import DOCS

TEXT = "take Xanax XR  daily"
XANAX, XR, BOTH = (5, 10, "DRUG"), (11, 13, "DOSE"), (5, 13, "DRUG")


PAGE = (DOCS / "sources.md").read_text(encoding="utf-8")


@pytest.fixture
def read(file_services, write):
    def read(*rows, labels=("DRUG", "DOSE"), **options):
        write("answers.jsonl", *rows)
        file_services.labels = labels
        return list(make_answers(AnswersOptions(path="answers.jsonl", **options), file_services).targets())

    return read


def row(answer, *spans, **more):
    names = ("start", "end", "label", "answer")
    found = [dict(zip(names, span, strict=False)) for span in spans]
    answered = {} if answer is None else {"answer": answer}
    return {"text": TEXT, "spans": found, **answered, **more}


def chars(spans):
    return [(span.start_char, span.end_char, span.label) for span in spans]


def parts(target):
    """What a target says: accepted, rejected, groups, complete."""
    groups = [chars(group) for group in target.not_together]
    return chars(target.spans), chars(target.rejected), groups, target.complete


NOTHING = frozenset()
MEANINGS = {
    "accept": (row("accept", XANAX), ([XANAX], [], [], NOTHING)),
    "accept several": (row("accept", XR, XANAX), ([XANAX, XR], [], [], NOTHING)),
    "reject": (row("reject", XANAX), ([], [XANAX], [], NOTHING)),
    "reject several": (row("reject", XANAX, XR), ([], [], [[XANAX, XR]], NOTHING)),
    "reject one given twice": (row("reject", XANAX, XANAX), ([], [XANAX], [], NOTHING)),
    "accept one given twice": (row("accept", XANAX, XANAX), ([XANAX], [], [], NOTHING)),
    "own answers": (
        row("reject", (*XANAX, "accept"), (*XR, "reject"), (*BOTH, "reject")),
        ([XANAX], [BOTH, XR], [], NOTHING),
    ),
    "own answers alone": (row(None, (*XANAX, "accept"), (*XR, "reject")), ([XANAX], [XR], [], NOTHING)),
    "an own answer beside the row's": (row("reject", (*XANAX, "accept"), XR), ([XANAX], [XR], [], NOTHING)),
    "an own answer in an ignored row": (row("ignore", (*XANAX, "accept")), ([XANAX], [], [], NOTHING)),
    "twice, once with its own answer": (row("accept", XANAX, (*XANAX, "accept")), ([XANAX], [], [], NOTHING)),
    "complete": (row("accept", XANAX, complete=True), ([XANAX], [], [], True)),
    "complete for a label": (row("accept", XANAX, complete=["DOSE"]), ([XANAX], [], [], {"DOSE"})),
    "complete without spans": (row("accept", complete=True), ([], [], [], True)),
    "complete without the field": ({"text": TEXT, "answer": "accept", "complete": True}, ([], [], [], True)),
    "by hand": (row("accept", XANAX, _is_binary=False), ([XANAX], [], [], True)),
    "by hand, nothing found": (row("accept", _is_binary=False), ([], [], [], True)),
    "by hand, but not complete": (row("accept", XANAX, _is_binary=False, complete=False),
                                  ([XANAX], [], [], NOTHING)),
    "binary": (row("accept", XANAX, _is_binary=True), ([XANAX], [], [], NOTHING)),
    "complete, with a reject": (row("accept", XANAX, (*XR, "reject"), complete=True),
                                ([XANAX], [XR], [], True)),
}  # fmt: skip


@pytest.mark.parametrize(("given", "meaning"), MEANINGS.values(), ids=MEANINGS)
def test_what_a_row_means(read, given, meaning):
    (target,) = read(given)
    assert parts(target) == meaning
    assert (target.origin.line, target.weight, target.doc.text) == (1, 1.0, TEXT)
    assert all(span.doc is target.doc for span in (*target.spans, *target.rejected))


LEFT_OUT = {
    "ignored": (row("ignore", XANAX), "its answer is ignore"),
    "ignored without spans": (row("ignore"), "its answer is ignore"),
    "ignored, labels unknown": (row("ignore", (5, 10, "X")), "its answer is ignore"),
    "ignored itself": (row("reject", (*XANAX, "ignore")), "DRUG 'Xanax' (characters 5 to 10) is ignored"),
    "accepted, no span": (row("accept"), "accepted without a span, and not declared complete"),
    "accepted, no spans": ({"text": TEXT, "answer": "accept"}, "accepted without a span"),
    "rejected, no span": (row("reject"), "rejected without a span"),
    "rejected, overlapping": (row("reject", BOTH, (15, 20, "DOSE"), XANAX), "overlapping spans"),
    "an analysis is rejected": (row("reject", XANAX, complete=True), "an analysis of the whole text"),
    "a text by hand is rejected": (row("reject", XANAX, _is_binary=False), "an analysis of the whole text"),
}


@pytest.mark.parametrize(("given", "words"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_left_out_with_a_note(read, given, words):
    (note,) = read(given)
    assert (note.code, note.severity, note.origin.line) == ("left-out", "note", 1)
    assert note.message.startswith("left out: ")
    assert words in note.message


def test_a_row_that_ignores_a_span_is_not_complete(read):
    target, *notes = sorted(
        read(row("accept", XANAX, (*XR, "ignore"), complete=True)), key=lambda item: isinstance(item, Problem)
    )
    assert parts(target) == ([XANAX], [], [], NOTHING)
    assert [note.message for note in notes] == [
        "left out: DOSE 'XR' (characters 11 to 13) is ignored",
        "left out: not complete, because a span is ignored",
    ]


BAD = {
    "no answer": (row(None, XANAX), {}, "not-an-answer", "not all of its spans have one"),
    "half an answer": (row(None, XANAX, (*XR, "accept")), {}, "not-an-answer", "the row has no `answer`"),
    "nothing": ({"text": TEXT}, {}, "not-an-answer", "it has no spans"),
    "raw": (row(None), {}, "not-an-answer", "it has no spans"),
    "wrong answer": (row("yes", XANAX), {}, "bad-answer", "expected accept, reject or ignore"),
    "unknown label": (row("reject", (5, 10, "DRGU")), {}, "unknown-label", "did you mean DRUG?"),
    "unknown complete": (row("accept", XANAX, complete=["X"]), {}, "unknown-label", "complete: 'X' is not"),
    "off the text": (row("reject", (5, 99, "DRUG")), {}, "span-outside-text", "outside the text"),
    "overlap": (row("accept", XANAX, BOTH), {}, "span-overlap", "entities must not overlap"),
    "inside": (row("accept", (5, 9, "DRUG")), {"align": "error"}, "span-inside-token", "'Xanax' (5 to 10)"),
    "rejected": (row("reject", (5, 9, "DRUG")), {"align": "error"}, "span-inside-token", "'Xanax' (5 to 10)"),
    "spaces": (row("reject", (4, 10, "DRUG")), {"align": "error"}, "span-whitespace", "at its edges"),
    "blank": (row("accept", (13, 15, "DRUG")), {}, "span-whitespace", "only whitespace"),
    "two in one": (
        row("accept", (5, 9, "DRUG"), (9, 10, "DRUG")), {"align": "expand"}, "span-duplicate", "there twice"
    ),
    "both": (
        row(None, (*XANAX, "accept"), (*XANAX, "reject")), {}, "contradictory-answer",
        "in one row, DRUG 'Xanax' (characters 5 to 10) is both accepted and rejected",
    ),
    "time": (row("accept", XANAX, _timestamp="now"), {}, "bad-timestamp", "expected a number of seconds"),
    "time true": (row("accept", XANAX, _timestamp=True), {}, "bad-timestamp", "number of seconds, got True"),
    "no number": (
        '{"text": "a", "answer": "accept", "_timestamp": NaN}', {}, "bad-timestamp", "a number of seconds"
    ),
    "no JSON": ("{", {}, "bad-json", "column 2"),
}  # fmt: skip


@pytest.mark.parametrize(("bad", "options", "code", "words"), BAD.values(), ids=BAD)
def test_bad_rows(read, bad, options, code, words):
    found, good = read(bad, row("accept", (0, 4, "DRUG")), **options)
    assert isinstance(good, Target)
    assert (found.code, found.severity, found.origin.line) == (code, "error", 1)
    assert words in found.message


def test_every_problem_of_a_row_is_reported(read):
    problems = read(row("accept", (5, 9, "DRUG"), (5, 10, "X"), (0, 3, "Y")), align="error")
    assert sorted(problem.code for problem in problems) == [
        "span-inside-token", "span-inside-token", "span-overlap", "unknown-label", "unknown-label",
    ]  # fmt: skip


def test_answers_on_one_text_are_one_target(read):
    first, second = read(
        row("accept", XANAX),
        {**row("reject", (0, 1, "DRUG")), "text": "ab"},
        row("reject", XR),
        row("accept", XANAX),
        row("accept", (15, 20, "DOSE")),
    )
    assert parts(first) == ([XANAX, (15, 20, "DOSE")], [XR], [], NOTHING)
    assert (first.origin.line, second.origin.line, second.doc.text) == (1, 2, "ab")


def test_the_newest_wins_and_a_note_names_both(read, tmp_path):
    note, target = read(row("reject", XANAX), row("reject", XR), row("accept", XANAX))
    assert parts(target) == ([XANAX], [XR], [], NOTHING)
    assert (note.code, note.severity) == ("conflicting-answers", "note")
    file = tmp_path / "answers.jsonl"
    assert str(note) == (
        f"{file}:3: accepts DRUG 'Xanax' (characters 5 to 10), which {file}:1 rejects; the newer counts"
    )


def test_every_conflict_has_its_note(read):
    *notes, target = read(row("accept", XANAX, XR), row("reject", XANAX), row("reject", XR))
    assert [(note.origin.line, note.code) for note in notes] == [
        (2, "conflicting-answers"), (3, "conflicting-answers"),
    ]  # fmt: skip
    assert parts(target) == ([], [XANAX, XR], [], NOTHING)


@pytest.mark.parametrize(
    ("times", "wins"),
    [((None, None), 2), ((10, 5), 1), ((5, 10.5), 2), ((7, 7), 2), ((99, None), 2), ((None, 1), 2)],
)
def test_newest_is_the_timestamp_or_else_the_line(read, times, wins):
    rows = [row("accept", XANAX), row("reject", XANAX)]
    timed = [
        given | ({} if time is None else {"_timestamp": time})
        for given, time in zip(rows, times, strict=True)
    ]
    note, target = read(*timed)
    assert note.origin.line == wins
    assert bool(target.spans) == (wins == 1)


def test_split_cuts_the_tokens_for_all_answers_on_a_text(read):
    (target,) = read(row("accept", (5, 9, "DRUG")), row("reject", (9, 10, "DOSE")), row("reject", XANAX))
    assert target.doc.words == ["take", "Xana", "x", "XR", "daily"]
    assert parts(target) == ([(5, 9, "DRUG")], [XANAX, (9, 10, "DOSE")], [], NOTHING)


def test_tokens_of_all_rows_are_combined(read):
    def tokens(*bounds):
        return [{"start": start, "end": end} for start, end in bounds]

    (target,) = read(
        row("accept", (5, 10, "DRUG"), tokens=tokens((0, 4), (5, 10), (11, 20))),
        row("reject", (5, 7, "DRUG"), tokens=tokens((0, 4), (5, 7), (7, 20))),
    )
    assert target.doc.words == ["take", "Xa", "nax", " ", "XR  daily"]
    assert parts(target) == ([(5, 10, "DRUG")], [(5, 7, "DRUG")], [], NOTHING)


def test_expand_takes_whole_tokens_but_rejects_only_what_was_asked(read):
    (target,) = read(row("accept", (6, 12, "DRUG")), align="expand")
    assert parts(target)[0] == [BOTH]
    target, note = read(row("reject", XR), row("reject", (5, 9, "DRUG")), align="expand")[::-1]
    assert parts(target) == ([], [XR], [], NOTHING)
    assert note.message == (
        "left out: DRUG 'Xana' (characters 5 to 9) is rejected, but never predicted, "
        "as it is not whole tokens"
    )
    (note,) = read(row("reject", XR, (5, 9, "DRUG")), align="expand")
    assert (note.code, "DRUG 'Xana'" in note.message) == ("left-out", True)


@pytest.mark.parametrize("align", ["split", "expand"])
def test_a_rejected_span_with_spaces_does_not_reject_its_words(read, align):
    note, target = read(
        row("reject", (4, 10, "DRUG")), {**row("reject", XR), "text": TEXT + "."}, align=align
    )
    assert (note.code, note.origin.line) == ("left-out", 1)
    (target,) = read(row("accept", (4, 10, "DRUG")), align=align)
    assert parts(target)[0] == [XANAX]


def test_map_renames_and_drops(read):
    names = {"PRODUCT": "DRUG", "EVENT": None, "A": "DOSE", "B": "DOSE"}
    (target,) = read(row("accept", (5, 10, "PRODUCT"), (11, 13, "EVENT")), map=names)
    assert parts(target)[0] == [XANAX]
    (note,) = read(row("reject", (11, 13, "EVENT")), map=names)
    assert note.message == "left out: the pipeline has none of its labels"
    (note,) = read(row("reject", XANAX, (11, 13, "EVENT")), map=names)
    assert note.code == "left-out"
    (target,) = read(row("accept", (11, 13, "A"), complete=["A"]), map=names)
    assert parts(target) == ([XR], [], [], NOTHING)
    (target,) = read(row("accept", complete=["A", "B"]), map=names)
    assert target.complete == {"DOSE"}


def test_a_map_to_no_label_of_the_pipeline(read):
    with pytest.raises(ConfigError, match="'DRGU' is not a label of the pipeline; did you mean DRUG"):
        read(row("accept"), map={"A": "DRGU"})


def test_without_labels_every_label_will_do(read):
    (target,) = read(row("accept", (5, 10, "ANY")), labels=())
    assert parts(target)[0] == [(5, 10, "ANY")]


def test_a_complete_text_that_loses_a_label_stays_complete_for_the_others(read):
    *notes, target = read(row("accept", XANAX, complete=True), row("accept", XR))
    assert parts(target) == ([XANAX, XR], [], [], {"DRUG"})
    assert [note.code for note in notes] == ["conflicting-answers"]


def test_empty_and_odd_texts(read):
    got = read(
        {"text": "", "answer": "accept", "complete": True},
        {"text": " \n", "answer": "ignore"},
        {"text": "👩‍👧 שלום", "answer": "accept", "spans": [{"start": 4, "end": 8, "label": "DRUG"}]},
    )
    assert [getattr(item, "code", None) for item in got] == ["left-out", None, None]
    assert [span.text for span in got[2].spans] == ["שלום"]


def test_the_pages_example(read):
    (example,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    accepted, rejected = read(*example.splitlines(), labels=("PRODUCT",))
    assert [span.text for span in (*accepted.spans, *rejected.rejected)] == ["Kettle", "rained"]


def test_the_same_again(file_services, write):
    write("answers.jsonl", row("accept", XANAX), row("reject", XANAX), row("ignore", XR))
    file_services.labels = ("DRUG", "DOSE")
    source = make_answers(AnswersOptions(path="answers.jsonl"), file_services)
    first, again = list(source.targets()), list(source.targets())
    for one, other in itertools.zip_longest(first, again):
        assert (parts(one) if isinstance(one, Target) else one) == (
            parts(other) if isinstance(other, Target) else other
        )
    assert isinstance(first[-1].rejected[0], Span)
