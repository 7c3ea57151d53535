"""What exactness costs: training with the loss `lattice` beside `oracle`, exact decoding beside greedy.

Both sides take turns in one process, in CPU time; every figure is a ratio: minimum, median and maximum.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from quality import sets

from nerture.core.lattice.greedy_decoder import decode_greedily
from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.batching import batch_by_words
from nerture.core.learner.learner import Learner
from nerture.core.text.doc import Doc
from nerture.pipeline import open_pipeline
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

STEPS, ROUNDS, PREDICT_WORDS = 60, 15, 500


def cpu_seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def ratios(name: str, found: Sequence[float]) -> None:
    low, middle, high = min(found), statistics.median(found), max(found)
    print(f"{name}: {low:.2f}, {middle:.2f}, {high:.2f} (min, median, max)", flush=True)


def trainer_of(config: dict[str, Any], loss: str) -> Trainer:
    source = {**config["sources"][0], "loss": loss}
    pipeline = open_pipeline({"nerture": 1, **config, "sources": [source]})
    return Trainer(pipeline, read_training_data(pipeline))


def steps_of(trainer: Trainer) -> list[Callable[[], object]]:
    """Return updates on the trainer's batches, one after the other."""
    batches = cycle(list(trainer.data.batches(trainer.settings.batch_words, 0, 0)))
    made = []
    for source, chosen in islice(batches, STEPS):
        targets = [source.targets[index] for index in chosen]
        attributes = [trainer.updater.learner.attributes(target.doc) for target in targets]
        made.append(lambda a=attributes, t=targets, s=source: trainer.updater.update(a, t, s.losses))
    return made


def predict_greedily(learner: Learner, docs: Sequence[Doc]) -> None:
    weights = learner.weights
    for chosen in batch_by_words([len(doc) for doc in docs], PREDICT_WORDS):
        batch = learner.batch([learner.attributes(docs[index]) for index in chosen])
        encoded = learner.network.encode(batch)
        found = decode_greedily(
            encoded.closed, encoded.slots, weights["open.weight"], weights["open.bias"],
            batch.bounds, learner.longest,
        )  # fmt: skip
        for text, start, end, label in found.tolist():
            docs[chosen[text]].span(start, end, learner.labels[label])


def compare_with_greedy(learner: Learner, docs: Sequence[Doc]) -> float:
    exact = cpu_seconds(lambda: learner.predict(docs))
    return exact / cpu_seconds(lambda: predict_greedily(learner, docs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, (config, _) in sets(arguments.data, Path(folder)).items():
            exact, usual = trainer_of(config, "lattice"), trainer_of(config, "oracle")
            pairs = zip(steps_of(exact), steps_of(usual), strict=True)
            ratios(f"{name:7s} step, lattice / oracle", [cpu_seconds(a) / cpu_seconds(b) for a, b in pairs])
            learner = exact.updater.learner
            docs = [target.doc for source in exact.data.sources for target in source.targets][:800]
            learner.predict(docs)  # both sides find the word forms in the cache
            for temperature, comparison in ((1.0, "exact / greedy"), (1.5, "exact, calibrated / greedy")):
                learner.calibration = Calibration(temperature)
                ratios(
                    f"{name:7s} prediction, {comparison}",
                    [compare_with_greedy(learner, docs) for _ in range(ROUNDS)],
                )


if __name__ == "__main__":
    main()
