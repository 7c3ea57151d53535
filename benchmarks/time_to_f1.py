"""Seconds of training until nerture is as good as spaCy at its best, on drugs.

Both learn from all training texts, as spaCy's quickstart configuration and as nerture's defaults have it, and
are evaluated on drugs_eval every EVERY steps. spaCy's goal is its best F1 there, which is how its
tutorials choose what to keep; nerture's is to reach that figure, with the plain threshold of 0.5. Only
updates count, not evaluations; the trainings run one after the other on one core, seed by seed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from speed import THREADS, annotated, restart_with, rows

Curve: TypeAlias = list[tuple[float, float]]
"""Seconds of updates so far and F1 in percent, by evaluation."""


def spacy_curve(data: Path, folder: Path, seed: int, every: int, steps: int) -> Curve:
    """Train spaCy by its own loop."""
    import spacy
    from spacy.cli.init_config import init_config
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import create_train_batches, train_while_improving
    from spacy.util import registry, resolve_dot_names

    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency")
    config["paths"] = {**config["paths"], **{
        part: str(written_for_spacy(data / "drugs" / f"drugs_{name}.jsonl", folder))
        for part, name in (("train", "training"), ("dev", "eval"))
    }}  # fmt: skip
    config["training"] |= {"seed": seed, "eval_frequency": every, "max_steps": steps}
    nlp = init_nlp(config)
    filled = nlp.config.interpolate()
    settings = registry.resolve(filled["training"], schema=spacy.schemas.ConfigSchemaTraining)
    train_corpus, dev_corpus = resolve_dot_names(filled, [settings["train_corpus"], settings["dev_corpus"]])
    resting = 0.0

    def evaluate() -> tuple[float, dict[str, float]]:
        nonlocal resting
        start = time.perf_counter()
        scores = nlp.evaluate(dev_corpus(nlp))
        resting += time.perf_counter() - start
        return scores["ents_f"], {"ents_f": scores["ents_f"]}

    batches = create_train_batches(nlp, train_corpus, settings["batcher"], settings["max_epochs"])
    loop: Iterator[Any] = train_while_improving(
        nlp, settings["optimizer"], batches, evaluate, dropout=settings["dropout"], eval_frequency=every,
        accumulate_gradient=settings["accumulate_gradient"], patience=settings["patience"], max_steps=steps,
        exclude=[], annotating_components=[], before_update=None,
    )  # fmt: skip
    curve: Curve = []
    start = time.perf_counter()
    for _, info, kept in loop:
        if kept is not None:
            curve.append((time.perf_counter() - start - resting, 100 * info["score"]))
    return curve


def written_for_spacy(path: Path, folder: Path) -> Path:
    """Write rows with tokens as spaCy's binary documents."""
    import spacy
    from spacy.tokens import DocBin

    vocab = spacy.blank("en").vocab
    docs = DocBin(docs=[annotated(vocab, row) for row in rows(path)])
    written = folder / f"{path.stem}.spacy"
    docs.to_disk(written)
    return written


def nerture_curve(data: Path, seed: int, every: int) -> Curve:
    """Train nerture by its own loop, as long as it would."""
    from nerture.evaluation.scorer import score
    from nerture.pipeline import open_pipeline
    from nerture.training.results import Progress
    from nerture.training.trainer import Trainer
    from nerture.training.training_data import read_training_data

    def gold(name: str) -> dict[str, str]:
        return {"use": "gold", "path": str(data / "drugs" / f"drugs_{name}.jsonl")}

    pipeline = open_pipeline(
        {"nerture": 1, "labels": ["DRUG"], "sources": [gold("training")], "evaluate": gold("eval")},
        [f"train.seed={seed}"],
    )
    texts = read_training_data(pipeline)
    curve: Curve = []

    def listen(progress: Progress) -> None:
        if progress.step % every == 0:
            learner = trainer.updater.averaged
            learner.threshold = 0.5
            found = learner.predict([target.doc for target in texts.held_out])
            f1 = score(texts.held_out, found, learner.labels, 1.0).f1
            curve.append((trainer.position.update_seconds, 100 * f1))

    trainer = Trainer(pipeline, texts, listen=listen)
    trainer.run()
    return curve


def reached(curve: Curve, f1: float) -> float | None:
    """Return the seconds after which the F1 is that high for the first time."""
    return next((seconds for seconds, value in curve if value >= f1), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--every", type=int, default=50, help="steps between evaluations")
    parser.add_argument("--steps", type=int, default=2000, help="steps of spaCy at most")
    arguments = parser.parse_args()
    restart_with(dict.fromkeys(THREADS, "1"))

    ratios: list[float] = []
    for seed in range(arguments.seeds):
        with tempfile.TemporaryDirectory() as folder:
            theirs = spacy_curve(arguments.data, Path(folder), seed, arguments.every, arguments.steps)
        ours = nerture_curve(arguments.data, seed, arguments.every)
        goal = max(f1 for _, f1 in theirs)
        spacy_seconds, seconds = reached(theirs, goal), reached(ours, goal)
        assert spacy_seconds is not None
        print(
            f"seed {seed}: spaCy's best F1 {goal:.1f} after {spacy_seconds:.1f} s of {theirs[-1][0]:.1f}; "
            f"nerture {'never there' if seconds is None else f'there after {seconds:.2f} s'} "
            f"of {ours[-1][0]:.1f}, best {max(f1 for _, f1 in ours):.1f}, last {ours[-1][1]:.1f} "
            f"(spaCy's last {theirs[-1][1]:.1f})",
            flush=True,
        )
        ratios.append(0.0 if seconds is None else spacy_seconds / seconds)
    print(
        f"times as fast (0: never there): min {min(ratios):.1f}  median {statistics.median(ratios):.1f}  "
        f"max {max(ratios):.1f}"
    )


if __name__ == "__main__":
    main()
