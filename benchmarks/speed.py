"""Words per second of nerture and spaCy, side by side: training, prediction, tokenizing, on one core.

Both sides see the same texts and batches, in turn, in one process; but from texts, where each tokenizes by
itself, the same tokens. Tokenizers are warm: they have seen the texts before.

The BLAS that spaCy brings does not know every CPU. With ``--blas``, spaCy multiplies by numpy's instead, with
the kernels of that name (OPENBLAS_CORETYPE).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def batches_of(lengths: list[int], words: int) -> list[list[int]]:
    from nerture.core.learner.batching import batch_by_words

    return list(batch_by_words(lengths, words))


def spacy_doc(vocab: Any, row: dict[str, Any]) -> Any:
    """Return a row's tokens as spaCy's."""
    from spacy.tokens import Doc

    tokens = row["tokens"]
    spaces = [following["start"] > token["end"] for token, following in pairwise(tokens)]
    return Doc(vocab, [token["text"] for token in tokens], [*spaces, False][: len(tokens)])


def annotated(vocab: Any, row: dict[str, Any]) -> Any:
    """Return a row's tokens and entities as spaCy's."""
    from spacy.tokens import Span

    doc = spacy_doc(vocab, row)
    spans = row.get("spans") or []
    doc.ents = [Span(doc, span["token_start"], span["token_end"] + 1, span["label"]) for span in spans]
    return doc


class Spacy:
    """Blank English with the NER of ``spacy init config --pipeline ner --optimize efficiency``."""

    def __init__(self, train: list[dict[str, Any]]) -> None:
        import spacy
        from spacy.cli.init_config import init_config
        from spacy.training import Example

        self.version = spacy.__version__
        config = init_config(lang="en", pipeline=["ner"], optimize="efficiency")
        self.nlp = spacy.util.load_model_from_config(config, auto_fill=True)
        self.examples = [Example(self.doc(row), annotated(self.nlp.vocab, row)) for row in train]
        self.optimizer = self.nlp.initialize(lambda: self.examples)

    def doc(self, row: dict[str, Any]) -> Any:
        return spacy_doc(self.nlp.vocab, row)

    def update(self, chosen: list[int]) -> None:
        self.nlp.update([self.examples[index] for index in chosen], drop=0.1, sgd=self.optimizer)

    def predict(self, docs: list[Any]) -> None:
        for doc in self.nlp.pipe(docs, batch_size=128):
            _ = doc.ents


def multiply_by_numpy() -> None:
    """Let spaCy's layers use numpy's BLAS."""
    import numpy as np
    from thinc.backends.numpy_ops import NumpyOps

    def gemm(ops: Any, left: Any, right: Any, out: Any = None, **transposed: bool) -> Any:
        left = left.T if transposed.get("trans1") else left
        return np.matmul(left, right.T if transposed.get("trans2") else right, out=out)

    NumpyOps.gemm = gemm


class Nerture:
    """A blank learner with the default settings, through the public classes."""

    def __init__(self, data: Path) -> None:
        import nerture
        from nerture.pipeline import open_pipeline
        from nerture.training.trainer import Trainer
        from nerture.training.training_data import read_training_data

        self.version = nerture.__version__
        source = {"use": "gold", "path": str(data / "drugs" / "drugs_training.jsonl")}
        pipeline = open_pipeline({"nerture": 1, "labels": ["DRUG"], "sources": [source], "evaluate": source})
        texts = read_training_data(pipeline)
        trainer = Trainer(pipeline, texts)
        self.updater = trainer.updater
        self.targets = texts.sources[0].targets
        self.losses = texts.sources[0].losses
        self.attributes = [self.updater.learner.attributes(target.doc) for target in self.targets]

    def update(self, chosen: list[int]) -> None:
        self.updater.update(
            [self.attributes[index] for index in chosen],
            [self.targets[index] for index in chosen],
            self.losses,
        )

    def compress(self) -> None:
        self.learners = {
            precision: self.updater.averaged.with_precision(precision) for precision in ("f32", "int8")
        }

    def predict(self, docs: list[Any], precision: str = "f32") -> None:
        for start in range(0, len(docs), 128):
            chunk = docs[start : start + 128]
            for doc, spans in zip(chunk, self.learners[precision].predict(chunk), strict=True):
                doc.spans = spans


def show(name: str, rates: dict[str, list[float]]) -> dict[str, float]:
    for side, values in rates.items():
        print(
            f"{name:11s} {side:8s} words/s: min {min(values):9,.0f}  "
            f"median {statistics.median(values):9,.0f}  max {max(values):9,.0f}"
        )
    ratios = [ours / theirs for ours, theirs in zip(rates["nerture"], rates["spacy"], strict=True)]
    print(
        f"{name:11s} ratio: min {min(ratios):.2f}  "
        f"median {statistics.median(ratios):.2f}  max {max(ratios):.2f}"
    )
    return {"min": min(ratios), "median": statistics.median(ratios), "max": max(ratios)}


def restart_with(wanted: dict[str, str]) -> None:
    """Begin again unless the environment is so: a BLAS reads it when it is loaded."""
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.environ.update(wanted)
        os.execv(sys.executable, [sys.executable, *sys.argv])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpu", type=int, default=None, help="pin the process to this CPU")
    parser.add_argument("--blas", metavar="CORE", help="such as SkylakeX, Zen or Haswell")
    arguments = parser.parse_args()
    restart_with(
        dict.fromkeys(THREADS, "1") | ({"OPENBLAS_CORETYPE": arguments.blas} if arguments.blas else {})
    )
    if arguments.cpu is not None:
        os.sched_setaffinity(0, {arguments.cpu})

    from nerture.core.text.doc import Doc

    train = rows(arguments.data / "drugs" / "drugs_training.jsonl")
    test = rows(arguments.data / "drugs" / "drugs_eval.jsonl")
    if arguments.blas:
        multiply_by_numpy()
    theirs, ours = Spacy(train), Nerture(arguments.data)
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    print(
        f"nerture {ours.version}, spaCy {theirs.version}; {len(train)} training texts, {len(test)} to predict"
    )

    lengths = [len(row["tokens"]) for row in train]
    batches = batches_of(lengths, 1000)
    for batch in batches[:5]:
        theirs.update(batch)
        ours.update(batch)
    rates: dict[str, list[float]] = {"nerture": [], "spacy": []}
    for _ in range(arguments.rounds):
        seconds = {"nerture": 0.0, "spacy": 0.0}
        for batch in batches[5:45]:
            seconds["nerture"] += timed(lambda batch=batch: ours.update(batch))
            seconds["spacy"] += timed(lambda batch=batch: theirs.update(batch))
        words = sum(lengths[index] for batch in batches[5:45] for index in batch)
        for side, value in seconds.items():
            rates[side].append(words / value)
    show("training", rates)

    ours.compress()
    words = sum(len(row["tokens"]) for row in test)
    texts = [row["text"] for row in test]

    def docs_of() -> tuple[list[Any], list[Any]]:
        mine = [
            Doc.from_offsets(row["text"], [(t["start"], t["end"]) for t in row["tokens"]]) for row in test
        ]
        return mine, [theirs.doc(row) for row in test]

    def compare(name: str, mine: Callable[[Any], object], other: Callable[[Any], object], docs: bool) -> None:
        rates: dict[str, list[float]] = {"nerture": [], "spacy": []}
        for _ in range(arguments.rounds + 1):
            inputs = docs_of() if docs else (texts, texts)
            rates["nerture"].append(words / timed(lambda inputs=inputs: mine(inputs[0])))
            rates["spacy"].append(words / timed(lambda inputs=inputs: other(inputs[1])))
        show(name, {side: values[1:] for side, values in rates.items()})  # the first round warms up

    def from_text(precision: str) -> Callable[[list[str]], None]:
        return lambda texts: ours.predict([Doc(text) for text in texts], precision)

    compare("prediction", ours.predict, theirs.predict, docs=True)
    compare("in int8", lambda docs: ours.predict(docs, "int8"), theirs.predict, docs=True)
    compare("from text", from_text("f32"), theirs.predict, docs=False)
    compare("text, int8", from_text("int8"), theirs.predict, docs=False)
    make_doc = theirs.nlp.make_doc
    compare(
        "tokenizer", lambda texts: [Doc(text) for text in texts], lambda texts: list(map(make_doc, texts)),
        docs=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
