"""What a model forgets when it learns a label more: micro-F1 of the old labels before and after, on wnut17.

A model learns five of the six labels. It then goes on with texts that are annotated for the sixth alone, once
with rehearsal and once without. The dev set decides when each training ends, so that its figures flatter the
model that training starts from; the test set has no part in it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from nerture.evaluation.scorer import Counts, Report
from nerture.files.corpus import collect
from nerture.hosting.services import HostServices
from nerture.training.results import Trained
from nerture.training.train import train

LABELS = ["corporation", "creative-work", "group", "location", "person", "product"]


def first(data: Path, sixth: str) -> dict[str, Any]:
    """Return the pipeline that learns the other five labels."""
    others = [label for label in LABELS if label != sixth]
    left_out = {"format": "conll", "map": {sixth: None}}
    return {
        "nerture": 1,
        "labels": others,
        "sources": [{"use": "gold", "path": str(data / "wnut17train.conll"), **left_out}],
        "evaluate": {"use": "gold", "path": str(data / "emerging.dev.conll"), **left_out},
    }


def then(data: Path, sixth: str, start: dict[str, Any]) -> dict[str, Any]:
    """Return the pipeline that goes on with the sixth label."""
    others: dict[str, str | None] = {label: None for label in LABELS if label != sixth}
    texts = {"path": str(data / "wnut17train.conll"), "format": "conll", "map": others, "complete": [sixth]}
    return {
        "nerture": 1,
        "labels": LABELS,
        "start": start,
        "sources": [{"use": "gold", **texts}],
        "evaluate": {"use": "gold", "path": str(data / "emerging.dev.conll"), "format": "conll"},
    }


def old_f1(report: Report, sixth: str) -> float:
    """Return the micro-F1 of the old labels, in percent."""
    counts = [counts for label, counts in report.per_label.items() if label != sixth]
    return 100 * Counts(*(sum(getattr(one, name) for one in counts) for name in Counts.__slots__)).f1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sixth", choices=LABELS, default="product")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY.PATH=VALUE")
    arguments = parser.parse_args()
    data, sixth = arguments.data / "wnut17", arguments.sixth
    falls: dict[str, list[float]] = {"with rehearsal": [], "without": []}
    test_falls: dict[str, list[float]] = {name: [] for name in falls}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(arguments.seeds):
            overrides = [*arguments.overrides, f"train.seed={seed}"]
            model = Path(folder) / f"five-{seed}"
            trained = train(first(data, sixth), model, overrides=overrides)
            test_before = on_test(trained, data, sixth)
            print(f"seed {seed}: five labels: {format_scores(trained, sixth)}", flush=True)
            for name, found in falls.items():
                start = {"model": str(model), "rehearse": name == "with rehearsal"}
                updated = train(then(data, sixth, start), overrides=overrides)
                assert updated.before is not None
                before, after = old_f1(updated.before, sixth), old_f1(updated.report, sixth)
                test_after = on_test(updated, data, sixth)
                found.append(before - after)
                test_falls[name].append(test_before - test_after)
                print(
                    f"seed {seed}: {name}: old labels {before:.1f} -> {after:.1f}, on test "
                    f"{test_before:.1f} -> {test_after:.1f}; {format_scores(updated, sixth)}",
                    flush=True,
                )
    for name, found in falls.items():
        print(
            f"{name}: the old labels' F1 falls by {statistics.mean(found):.2f} on average, "
            f"on test by {statistics.mean(test_falls[name]):.2f}",
            flush=True,
        )


def on_test(trained: Trained, data: Path, sixth: str) -> float:
    """Return the micro-F1 of the old labels on the test set, in percent."""
    model = trained.model
    options = {"path": str(data / "emerging.test.annotated"), "format": "conll", "map": {sixth: None}}
    services = HostServices.for_model(model)
    source = services.registry.create("source", "gold", options, services)
    return old_f1(model.evaluate(collect(source.targets(), "test").items), sixth)


def format_scores(trained: Trained, sixth: str) -> str:
    new = f"{sixth} F1 {100 * counts.f1:.1f}, " if (counts := trained.report.per_label.get(sixth)) else ""
    return (
        f"{new}all F1 {100 * trained.report.f1:.1f}, best step {trained.best_step} of {trained.steps}, "
        f"{trained.seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
