"""Suggested patterns: accepted, reliable, ranked by what they would find, and counted incrementally."""

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


def make_target(text, *spans, complete=True, rejected=()):
    doc = Doc(text)
    accepted, rejected = (
        tuple(doc.span(*span[:2], *(span[2:] or ("PLANT",))) for span in group) for group in (spans, rejected)
    )
    return Target(doc, accepted, complete, rejected)


def make_suggestions(pool, *targets):
    suggestions = PatternSuggestions(pool, LABELS)
    for target in targets:
        suggestions.update(pool.find(target.doc.text), target, True)
    return suggestions


def example_suggestions():
    return make_suggestions(
        make_pool(),
        make_target(TEXTS[0], (2, 4)), make_target(TEXTS[1], (0, 2)),
        make_target(TEXTS[5], (0, 1)),
        make_target(TEXTS[6], (0, 1)), make_target(TEXTS[7]),
        make_target(TEXTS[9], (0, 1)), make_target(TEXTS[10], (0, 1)),
        make_target(TEXTS[11], (0, 1)),
    )  # fmt: skip


def test_only_reliable_repeated_surfaces_that_no_pattern_finds_are_suggested():
    assert [offer.words for offer in example_suggestions().rank()] == [("sweet", "peas"), ("dill",)]


def test_counts_match_the_texts():
    offer = example_suggestions().rank()[0]
    assert (offer.accepted, offer.rejected, offer.elsewhere) == (2, 0, 2)


def test_an_answered_text_without_a_target_does_not_count_as_elsewhere():
    suggestions = example_suggestions()
    suggestions.update(suggestions.pool.find(TEXTS[3]), None, True)
    assert suggestions.rank()[0].elsewhere == 1


def test_whole_words_are_compared_case_insensitively():
    pool = make_pool(("MINT mint", "minty", "peppermint", "Mint."))
    suggestions = make_suggestions(pool, make_target("MINT mint", (0, 1), (1, 2)))
    (offer,) = suggestions.rank()
    assert (offer.words, offer.accepted, offer.elsewhere) == (("mint",), 2, 1)
    assert suggestions.find(offer.id).words == ("mint",)
    assert suggestions.find("0" * 32) is None


def test_a_suggestion_can_be_written_to_a_pattern_file(tmp_path):
    file = tmp_path / "new.jsonl"
    file.write_text("".join(f"{offer.row()}\n" for offer in example_suggestions().rank()))
    patterns = PatternSet(load_patterns(str(file), lambda path: tmp_path / path), lambda t: Doc(t).offsets)
    assert [(m.start, m.end) for m in patterns.match(Doc("More SWEET peas and dill"))] == [(1, 3), (4, 5)]
    assert json.loads(file.read_text().splitlines()[1])["label"] == "PLANT"


def brute_force(pool, targets):
    """Recount: the words, label, accepted, rejected and elsewhere counts of each suggestion."""
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
                    accepted = {(span.start, span.end, span.label) for span in target.spans}
                    rejected = {(span.start, span.end, span.label) for span in target.rejected}
                    if (start, end, label) in accepted:
                        counts["accepted"] += 1
                    elif (start, end, label) in rejected or target.is_complete_for(label):
                        counts["rejected"] += 1
        share = (counts["accepted"] + 2) / (counts["accepted"] + counts["rejected"] + 4)
        if not covered and share >= MIN_RELIABILITY:
            offers.append((words, label, counts["accepted"], counts["rejected"], counts["elsewhere"]))
    return sorted(offers)


WORDS = st.sampled_from(["a", "b", "A", "leek"])
SHORT = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@st.composite
def updates(draw):
    """Texts, and a sequence of updates of their targets."""
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
        target = make_target(text, *spans[:cut], complete=complete, rejected=spans[cut:])
        steps.append(draw(st.sampled_from([(text, target, True), (text, None, True), (text, None, False)])))
    return texts, steps


@given(updates(), st.sampled_from([(), ("leek",), ("b",)]))
@settings(max_examples=200, deadline=None)
def test_incremental_counts_are_those_of_a_recount(drawn, words):
    texts, steps = drawn
    pool = make_pool(texts, words)
    suggestions, known = PatternSuggestions(pool, LABELS), {}
    for text, target, asked in steps:
        suggestions.update(pool.find(text), target, asked)
        known[text] = target, asked
        offers = suggestions.rank()
        assert sorted((o.words, o.label, o.accepted, o.rejected, o.elsewhere) for o in offers) == brute_force(
            pool, known
        )
        worth = [offer.elsewhere * offer.reliability for offer in offers]
        assert worth == sorted(worth, reverse=True)
