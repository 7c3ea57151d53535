"""Suggested patterns: what was accepted, what is reliable, what would bring most."""

import json

from nerture.core.doc import Doc
from nerture.core.errors import Origin
from nerture.core.records import Record
from nerture.core.target import Target
from nerture.patterns import PatternSet, load_patterns
from nerture.sessions.pool import Pool
from nerture.sessions.suggestions import suggestions

from .conftest import Words

TEXTS = (
    "Sow the sweet peas", "sweet peas again", "Sweet Peas here", "more sweet peas", "kale and kale",
    "kale too", "mint tea", "mint sauce", "mint", "dill", "dill pickle",
)  # fmt: skip


def said(text, *spans, complete=True):
    doc = Doc(text)
    return Target(doc, tuple(doc.span(*span, "PLANT") for span in spans), complete)


def found():
    pool = Pool(
        [Record(text, Origin("t")) for text in TEXTS], lambda record: Doc(record.text), [Words("kale")]
    )
    targets = [
        said(TEXTS[0], (2, 4)), said(TEXTS[1], (0, 2)),
        said(TEXTS[5], (0, 1)),
        said(TEXTS[6], (0, 1)), said(TEXTS[7]),
        said(TEXTS[9], (0, 1)), said(TEXTS[10], (0, 1)),
    ]  # fmt: skip
    return suggestions(pool, targets, ("PLANT",))


def test_what_a_pattern_finds_and_what_is_not_reliable_is_not_suggested():
    assert [offer.words for offer in found()] == [("sweet", "peas"), ("dill",)]


def test_counts_are_those_of_the_texts():
    offer = found()[0]
    assert (offer.accepted, offer.rejected, offer.elsewhere) == (2, 0, 2)


def test_a_suggestion_is_a_line_of_a_pattern_file_that_finds_it(tmp_path):
    file = tmp_path / "new.jsonl"
    file.write_text("".join(f"{offer.row()}\n" for offer in found()))
    patterns = PatternSet(load_patterns(str(file), lambda path: tmp_path / path), lambda t: Doc(t).offsets)
    assert [(m.start, m.end) for m in patterns.match(Doc("More SWEET peas and dill"))] == [(1, 3), (4, 5)]
    assert json.loads(file.read_text().splitlines()[1])["label"] == "PLANT"
