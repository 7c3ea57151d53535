"""Suggested patterns: what was accepted, what is reliable, what would bring most; counted as answers come."""

import json
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.annotations.record import Record
from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.patterns import PatternSet, load_patterns
from nerture.sessions.patterns.pattern_suggestions import MIN_RELIABILITY, PatternSuggestions
from nerture.sessions.pool.pool import Pool

from ....support.plants import Words

TEXTS = (
    "Sow the sweet peas", "sweet peas again", "Sweet Peas here", "more sweet peas", "kale and kale",
    "kale too", "mint tea", "mint sauce", "mint", "dill", "dill pickle", "leeks", "sorrel, sorrel",
)  # fmt: skip
LABELS = ("PLANT", "PEST")


def make_pool(texts=TEXTS, words=("kale",)):
    return Pool(
        [Record(text, Origin("t")) for text in texts], lambda record: Doc(record.text), [Words(*words)]
    )


def said(text, *spans, complete=True, rejected=()):
    doc = Doc(text)
    made = [
        tuple(doc.span(*span[:2], *(span[2:] or ("PLANT",))) for span in some) for some in (spans, rejected)
    ]
    return Target(doc, made[0], complete, made[1])


def told(pool, *targets):
    found = PatternSuggestions(pool, LABELS)
    for target in targets:
        found.tell(pool.find(target.doc.text), target, True)
    return found


def found():
    return told(
        make_pool(),
        said(TEXTS[0], (2, 4)), said(TEXTS[1], (0, 2)),
        said(TEXTS[5], (0, 1)),
        said(TEXTS[6], (0, 1)), said(TEXTS[7]),
        said(TEXTS[9], (0, 1)), said(TEXTS[10], (0, 1)),
        said(TEXTS[11], (0, 1)),
    )  # fmt: skip


def test_what_a_pattern_finds_what_is_not_reliable_and_what_came_once_is_not_suggested():
    assert [offer.words for offer in found().best()] == [("sweet", "peas"), ("dill",)]


def test_counts_are_those_of_the_texts():
    offer = found().best()[0]
    assert (offer.accepted, offer.rejected, offer.elsewhere) == (2, 0, 2)


def test_a_text_that_was_asked_about_in_vain_is_not_elsewhere():
    suggestions = found()
    suggestions.tell(suggestions.pool.find(TEXTS[3]), None, True)
    assert suggestions.best()[0].elsewhere == 1


def test_words_are_the_same_in_any_case_and_only_as_whole_words():
    pool = make_pool(("MINT mint", "minty", "peppermint", "Mint."))
    suggestions = told(pool, said("MINT mint", (0, 1), (1, 2)))
    (offer,) = suggestions.best()
    assert (offer.words, offer.accepted, offer.elsewhere) == (("mint",), 2, 1)
    assert suggestions.find(offer.id).words == ("mint",)
    assert suggestions.find("0" * 32) is None


def test_a_suggestion_is_a_line_of_a_pattern_file_that_finds_it(tmp_path):
    file = tmp_path / "new.jsonl"
    file.write_text("".join(f"{offer.row()}\n" for offer in found().best()))
    patterns = PatternSet(load_patterns(str(file), lambda path: tmp_path / path), lambda t: Doc(t).offsets)
    assert [(m.start, m.end) for m in patterns.match(Doc("More SWEET peas and dill"))] == [(1, 3), (4, 5)]
    assert json.loads(file.read_text().splitlines()[1])["label"] == "PLANT"


def brute_force(pool, targets):
    """Count anew from nothing: the words, label, accepted, rejected and elsewhere of what is suggested."""
    spans = {
        (tuple(word.lower() for word in target.doc.words[span.start : span.end]), span.label)
        for target, _ in targets.values()
        if target is not None
        for span in target.spans
    }
    offers = []
    for words, label in spans:
        counts, covered = Counter(), False
        for text in pool.texts:
            target, asked = targets.get(text.doc.text, (None, False))
            for start in range(len(text.doc) - len(words) + 1):
                end = start + len(words)
                if tuple(word.lower() for word in text.doc.words[start:end]) != words:
                    continue
                covered |= (start, end, label) in {(hit.start, hit.end, hit.label) for hit in text.hits}
                if not asked:
                    counts["elsewhere"] += 1
                elif target is not None:
                    there = {(span.start, span.end, span.label) for span in target.spans}
                    gone = {(span.start, span.end, span.label) for span in target.rejected}
                    if (start, end, label) in there:
                        counts["accepted"] += 1
                    elif (start, end, label) in gone or target.complete_for(label):
                        counts["rejected"] += 1
        share = (counts["accepted"] + 2) / (counts["accepted"] + counts["rejected"] + 4)
        if not covered and share >= MIN_RELIABILITY:
            offers.append((words, label, counts["accepted"], counts["rejected"], counts["elsewhere"]))
    return sorted(offers)


WORDS = st.sampled_from(["a", "b", "A", "leek"])
SHORT = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@st.composite
def statements(draw):
    """Texts, and what is said of some of them, one after the other: newer ones take the place of older."""
    texts = draw(st.lists(SHORT, min_size=1, max_size=6, unique=True))
    steps = []
    for _ in range(draw(st.integers(0, 8))):
        text = draw(st.sampled_from(texts))
        length = len(text.split())
        bounds = sorted(draw(st.lists(st.integers(0, length), max_size=4, unique=True)))
        spans = [
            (*pair, draw(st.sampled_from(LABELS))) for pair in zip(bounds[::2], bounds[1::2], strict=False)
        ]
        cut = draw(st.integers(0, len(spans)))
        complete = draw(st.sampled_from([True, False, frozenset({"PEST"})]))
        target = said(text, *spans[:cut], complete=complete, rejected=spans[cut:])
        steps.append(draw(st.sampled_from([(text, target, True), (text, None, True), (text, None, False)])))
    return texts, steps


@given(statements(), st.sampled_from([(), ("leek",), ("b",)]))
@settings(max_examples=200, deadline=None)
def test_what_is_counted_step_by_step_is_what_counting_anew_gives(made, words):
    texts, steps = made
    pool = make_pool(texts, words)
    suggestions, known = PatternSuggestions(pool, LABELS), {}
    for text, target, asked in steps:
        suggestions.tell(pool.find(text), target, asked)
        known[text] = target, asked
        offers = suggestions.best()
        assert sorted((o.words, o.label, o.accepted, o.rejected, o.elsewhere) for o in offers) == brute_force(
            pool, known
        )
        worth = [offer.elsewhere * offer.reliability for offer in offers]
        assert worth == sorted(worth, reverse=True)
