"""Test F1 of the default recipe on drugs, food and wnut17, from scratch, without vectors and patterns.

Beside each model's F1 is that of the same model compressed to int8. Nothing is chosen on the test texts:
drugs and food hold a tenth of their training texts out, wnut17 has its own dev set. The test texts are read
once, after training.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from nerture.files.corpus import collect
from nerture.pipeline import open_pipeline
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

WNUT_LABELS = ["corporation", "creative-work", "group", "location", "person", "product"]
FOOD_TRAINING_TEXTS = 760


def food_files(data: Path, folder: Path) -> tuple[Path, Path]:
    """Write the first 760 texts and the rest to files of their own."""
    lines = (data / "food" / "food_data.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    training, test = folder / "food_training.jsonl", folder / "food_test.jsonl"
    training.write_text("".join(lines[:FOOD_TRAINING_TEXTS]), encoding="utf-8")
    test.write_text("".join(lines[FOOD_TRAINING_TEXTS:]), encoding="utf-8")
    return training, test


def sets(data: Path, folder: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return each set's pipeline and the source of its test texts."""

    def gold(path: Path) -> dict[str, Any]:
        conll = {} if path.suffix == ".jsonl" else {"format": "conll"}
        return {"use": "gold", "path": str(path), **conll}

    food, food_test = food_files(data, folder)
    wnut = data / "wnut17"
    return {
        "drugs": (
            {"labels": ["DRUG"], "sources": [gold(data / "drugs" / "drugs_training.jsonl")]},
            gold(data / "drugs" / "drugs_eval.jsonl"),
        ),
        "food": ({"labels": ["INGRED"], "sources": [gold(food)]}, gold(food_test)),
        "wnut17": (
            {
                "labels": WNUT_LABELS,
                "sources": [gold(wnut / "wnut17train.conll")],
                "evaluate": gold(wnut / "emerging.dev.conll"),
            },
            gold(wnut / "emerging.test.annotated"),
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--only", choices=["drugs", "food", "wnut17"], action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, (config, test) in sets(arguments.data, Path(folder)).items():
            if arguments.only and name not in arguments.only:
                continue
            scores: list[float] = []
            int8: list[float] = []
            for seed in range(arguments.seeds):
                overrides = [*arguments.overrides, f"train.seed={seed}"]
                pipeline = open_pipeline({"nerture": 1, **config}, overrides)
                result = Trainer(pipeline, read_training_data(pipeline)).run()
                source = pipeline.manager.registry.create(
                    "source", "gold", without_use(test), pipeline.services
                )
                targets = collect(source.targets(), name).items
                report = result.model.evaluate(targets)
                scores.append(100 * report.f1)
                model = result.model
                model.compress("int8")
                whole = 100 * model.evaluate(targets).f1
                int8.append(whole)
                print(
                    f"{name:7s} seed {seed}: test P {100 * report.total.precision:.1f} "
                    f"R {100 * report.total.recall:.1f} "
                    f"F {100 * report.f1:.1f} (in int8 {whole:.1f}); "
                    f"held-out F {100 * result.report.f1:.1f}, "
                    f"best step {result.best_step} of {result.steps}, "
                    f"{result.seconds:.0f} s, {result.as_dict()['train_words_per_second']:,.0f} words/s",
                    flush=True,
                )
            print(
                f"{name:7s} mean test F1 {statistics.mean(scores):.2f}, in int8 {statistics.mean(int8):.2f}",
                flush=True,
            )


def without_use(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != "use"}


if __name__ == "__main__":
    main()
