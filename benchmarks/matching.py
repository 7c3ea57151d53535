"""Patterns matched by nerture and spaCy, side by side: words per second, memory, seconds to be ready.

Rules: the 118 patterns of drugs over Docs, beside spaCy's EntityRuler. Phrases: drawn by chance from raw
texts, from text to matches with tokenizing, beside PhraseMatcher; both tokenizers are warm. Speed is measured
in turn in one process, memory in a process for each side.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RAW, RULES = Path("food/reddit_r_cooking_sample.jsonl"), Path("drugs/drugs_patterns.jsonl")
ROUNDS, TEXTS = 5, 3000


def texts_of(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def drawn(texts: list[str], count: int) -> list[str]:
    """Draw phrases of one to three words that occur in the texts."""
    draws = random.Random(0)
    words = [word for text in texts for word in text.split()]
    found: set[str] = set()
    while len(found) < count:
        place = draws.randrange(len(words) - 3)
        found.add(" ".join(words[place : place + draws.choice((1, 2, 2, 3))]))
    return sorted(found)


def resident() -> float:
    """Return this process's memory in MB."""
    status = Path("/proc/self/status").read_text()
    return sum(int(kb) for kb in re.findall(r"VmRSS:\s+(\d+)", status)) / 1000


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def phrase_matcher(phrases: list[str]) -> tuple[Any, Any]:
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab)
    for start in range(0, len(phrases), 1000):  # Docs of all of them at once would take 400 MB
        matcher.add("X", list(nlp.tokenizer.pipe(phrases[start : start + 1000])))
    return nlp, matcher


def weigh(side: str, phrases: Path) -> None:
    """Print the memory that one side takes for the phrases, in MB, and the seconds until it is ready."""
    if side == "spacy":
        import spacy

        spacy.blank("en")
        listed = [json.loads(line)["pattern"] for line in phrases.read_text(encoding="utf-8").splitlines()]
        before, start = resident(), time.perf_counter()
        kept: Any = phrase_matcher(listed)
    else:
        from nerture.core.text.doc import Doc
        from nerture.patterns import PatternSet, open_patterns

        Doc("begin")
        before, start = resident(), time.perf_counter()
        kept = PatternSet(open_patterns(phrases))
    print(json.dumps({"mb": resident() - before, "seconds": time.perf_counter() - start}))
    del kept


def compare(name: str, words: int, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    rates: dict[str, list[float]] = {"nerture": [], "spacy": []}
    for number in range(ROUNDS + 1):
        mine, others = timed(ours), timed(theirs)
        if number:  # the first round warms up
            rates["nerture"].append(words / mine)
            rates["spacy"].append(words / others)
    ratios = [one / other for one, other in zip(rates["nerture"], rates["spacy"], strict=True)]
    middle = {side: statistics.median(values) for side, values in rates.items()}
    print(
        f"{name:28s} nerture {middle['nerture']:11,.0f} words/s, spaCy {middle['spacy']:9,.0f}; ratio: "
        f"min {min(ratios):.2f}  median {statistics.median(ratios):.2f}  max {max(ratios):.2f}"
    )


def rules(data: Path) -> None:
    import spacy

    from nerture.core.text.doc import Doc
    from nerture.patterns import PatternSet, load_patterns

    texts = texts_of(data / "drugs" / "drugs_training.jsonl")
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    rows = [json.loads(line) for line in (data / RULES).read_text(encoding="utf-8").splitlines()]
    ruler.add_patterns(rows)
    matcher = PatternSet(load_patterns(data / RULES))
    docs = [Doc(text) for text in texts]
    peers = [nlp.make_doc(text) for text in texts]

    def theirs() -> None:
        for doc in peers:
            ruler.set_annotations(doc, ruler.match(doc))
            doc.ents = []

    compare(
        f"{len(rows)} rules, Docs in", sum(map(len, docs)), lambda: [matcher(doc) for doc in docs], theirs
    )


def phrases(data: Path, count: int) -> None:
    from nerture.core.text.doc import Doc
    from nerture.patterns import Overlap, PatternSet, compile_patterns, load_patterns, to_bytes

    texts = texts_of(data / RAW)
    listed = drawn(texts, count)
    texts = texts[:TEXTS]
    with tempfile.TemporaryDirectory() as folder:
        written, compiled = Path(folder, "phrases.jsonl"), Path(folder, "phrases.compiled")
        written.write_text(
            "".join(json.dumps({"label": "X", "pattern": phrase}) + "\n" for phrase in listed), "utf-8"
        )
        patterns = compile_patterns(load_patterns(written))
        compiled.write_bytes(to_bytes(patterns))
        for side, path in (("nerture", compiled), ("nerture", written), ("spacy", written)):
            command = [sys.executable, __file__, str(data), "--weigh", side, str(path)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            said = f"{side}, {path.suffix.removeprefix('.')}"
            print(f"{count:7,} phrases, {said:18s} {found['mb']:6.1f} MB, ready in {found['seconds']:.3f} s")
    nlp, theirs = phrase_matcher(listed)
    policies: tuple[Overlap, ...] = ("longest", "all")
    for policy in policies:
        ours = PatternSet(patterns, overlap=policy)
        compare(
            f"{count:,} phrases, {policy}",
            sum(len(Doc(text)) for text in texts),
            lambda ours=ours: [ours(Doc(text)) for text in texts],
            lambda: [theirs(nlp.make_doc(text)) for text in texts],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--phrases", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--weigh", nargs=2, metavar=("SIDE", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.weigh:
        weigh(arguments.weigh[0], Path(arguments.weigh[1]))
        return
    rules(arguments.data)
    for count in arguments.phrases:
        phrases(arguments.data, count)


if __name__ == "__main__":
    main()
