"""An ensemble teaches one model on raw texts: F1 of its members, of itself, and of its students.

Food: three models learn from gold; what they hold on average of raw comments teaches students, softly
(``distill``) or as if their decisions were gold, with the gold texts beside it or without. Texts that are in
the annotated data, in whatever case and spacing, are left out of the raw ones. While something is being
developed, the texts to measure on are cut from the training texts; ``--test`` measures on the test texts
instead.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

from nerture.core.learner.prediction import choose_best_disjoint
from nerture.core.targets.span_mixtures import average_probabilities
from nerture.core.text.doc import Doc, Span
from nerture.evaluation.scorer import Report, score
from nerture.files.corpus import collect
from nerture.models.model import Model
from nerture.pipeline import open_pipeline
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

LABEL = "INGRED"
TRAINING_TEXTS = 760
MEASURED = 160  # of the training texts, where the test texts are not to be touched
STOPPING = 0.1  # share of the texts to learn from by which training knows when to stop
TEACHERS = 3


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Files:
    """The texts to learn from, to stop by, to measure on, and the raw ones, each in a file."""

    def __init__(self, data: Path, folder: Path, raw_texts: int, test: bool) -> None:
        annotated = read(data / "food" / "food_data.jsonl")
        training, rest = annotated[:TRAINING_TEXTS], annotated[TRAINING_TEXTS:]
        if not test:
            training, rest = training[:-MEASURED], training[-MEASURED:]
        random.Random(0).shuffle(training)
        stopping = round(STOPPING * len(training))
        known = {folded(row["text"]) for row in annotated}
        raw = read(data / "food" / "reddit_r_cooking_sample.jsonl")
        texts = dict.fromkeys(row["text"] for row in raw if folded(row["text"]) not in known)
        self.learning = write(folder / "learning.jsonl", training[stopping:])
        self.stopping = write(folder / "stopping.jsonl", training[:stopping])
        self.measured = write(folder / "measured.jsonl", rest)
        self.raw = write(folder / "raw.jsonl", [{"text": text} for text in list(texts)[:raw_texts]])
        self.decided = folder / "decided.jsonl"
        self.folder = folder


class Bench:
    """Trains and measures."""

    def __init__(self, files: Files, overrides: list[str]) -> None:
        self.files, self.overrides = files, overrides

    def train(self, name: str, seed: int, *sources: dict[str, Any]) -> Model:
        evaluate = {"use": "gold", "path": str(self.files.stopping)}
        config = {"nerture": 1, "labels": [LABEL], "sources": list(sources), "evaluate": evaluate}
        pipeline = open_pipeline(config, [*self.overrides, f"train.seed={seed}"])
        result = Trainer(pipeline, read_training_data(pipeline)).run()
        report = result.model.evaluate(self.measured(result.model))
        show(name, seed, report, f"best step {result.best_step} of {result.steps}, {result.seconds:.0f} s")
        return result.model

    def measured(self, model: Model) -> list[Any]:
        services = open_pipeline({"nerture": 1, "labels": [LABEL]}).services
        source = model.manager.registry.create("source", "gold", {"path": str(self.files.measured)}, services)
        return collect(source.targets(), "measured").items

    def gold(self, **changes: Any) -> dict[str, Any]:
        return {"use": "gold", "path": str(self.files.learning), "loss": "lattice", **changes}


def show(name: str, seed: int | str, report: Report, more: str = "") -> None:
    total = report.total
    print(
        f"{name:24s} seed {seed}: P {100 * total.precision:.1f} R {100 * total.recall:.1f} "
        f"F {100 * total.f1:.2f}  {more}",
        flush=True,
    )


def decisions(models: list[Model], docs: list[Doc]) -> list[list[Span]]:
    """Return what the ensemble decides: every span that is likelier there than not."""
    found = []
    for doc, *each in zip(docs, *(model.span_probabilities(docs) for model in models), strict=True):
        mixed = average_probabilities(each, [1.0] * len(each))
        spans = [
            doc.span(start, end, mixed.labels[label], float(share))
            for (start, end, label), share in zip(mixed.spans.tolist(), mixed.probabilities, strict=True)
        ]
        by_end = sorted(spans, key=lambda span: (span.end, span.start))
        found.append(choose_best_disjoint(by_end, dict.fromkeys(mixed.labels, 0.5)))
    return found


def decide(models: list[Model], raw: Path, decided: Path) -> None:
    """Write the raw texts with the ensemble's decisions as if they were gold."""
    docs = [models[0].doc(row["text"]) for row in read(raw)]
    rows = []
    for begin in range(0, len(docs), 500):
        some = docs[begin : begin + 500]
        for doc, spans in zip(some, decisions(models, some), strict=True):
            found = [{"start": span.start_char, "end": span.end_char, "label": span.label} for span in spans]
            rows.append({"text": doc.text, "spans": found})
    write(decided, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3, help="students of each kind")
    parser.add_argument("--raw", type=int, default=10_000, help="raw texts at most")
    parser.add_argument("--test", action="store_true", help="measure on the test texts")
    parser.add_argument("--only", action="append", help="these students: soft, decided, mixed, both")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY.PATH=VALUE")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = Files(arguments.data, Path(folder), arguments.raw, arguments.test)
        bench = Bench(files, arguments.overrides)
        models = [bench.train("gold alone", seed, bench.gold()) for seed in range(TEACHERS)]
        paths = [str(Path(folder) / f"teacher{seed}") for seed in range(TEACHERS)]
        for model, path in zip(models, paths, strict=True):
            model.save(path)
        targets = bench.measured(models[0])
        found = decisions(models, [target.doc for target in targets])
        show("the ensemble", "-", score(targets, found, [LABEL]))
        decide(models, files.raw, files.decided)
        soft = {"use": "ensemble", "teachers": paths, "path": str(files.raw)}
        decided = bench.gold(path=str(files.decided))
        students = {
            "soft": ("taught softly", [soft]),
            "decided": ("taught by decisions", [decided]),
            "mixed": ("gold and softly", [bench.gold(), soft]),
            "both": ("gold and decisions", [bench.gold(), decided]),
        }
        for key, (name, sources) in students.items():
            if arguments.only and key not in arguments.only:
                continue
            scores = []
            for seed in range(TEACHERS, TEACHERS + arguments.seeds):
                model = bench.train(name, seed, *sources)
                scores.append(100 * model.evaluate(targets).f1)
            print(f"{name:24s} mean F1 {statistics.mean(scores):.2f}", flush=True)


if __name__ == "__main__":
    main()
