"""How well what was learned from real clicks foretells the next ones: AUC of P(span), five rolling splits.

The answers of reddit_product that are about one span and not ignored, in the order in which they were given:
trained on the first 50, 60, 70, 80 and 90 %, asked for the probability of the spans of the next 10 %. Beside
it, how often the surface was accepted before, and the score that the original tool recorded.

Nothing is chosen on the answers that are foretold: the number of steps is the one at which the last tenth of
the training answers is likeliest; then training begins anew, with all of them. What else was chosen (how
strong the O-signals are) was chosen with ``--first 0.5``, which leaves the later half aside.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nerture.core.annotations.record import CharSpan, Record
from nerture.core.annotations.span_alignment import align_spans
from nerture.core.lattice.scores import Scores
from nerture.core.learner.learner import Learner
from nerture.core.learner.updater import LossFunction, Updater
from nerture.core.network.settings import TrainSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span
from nerture.files.corpus import collect, read_records
from nerture.hosting.manager import make_manager
from nerture.hosting.services import HostServices
from nerture.training.source_data import SourceData

LABEL = "PRODUCT"
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
NEXT = 0.1
HELD_OUT = 0.1
EVERY, MAX_STEPS, PATIENCE = 10, 300, 50
OUTSIDE_WEIGHT = 0.03
RATIO: dict[str, Any] = {"ratio": 0.05, "margin": 0.05, "factor": 1.0}


@dataclass(frozen=True)
class Answer:
    """One answer: its row, the span that was asked for, and what was said."""

    row: dict[str, Any]
    span: Span
    accepted: bool


def read_answers(path: Path, services: HostServices) -> list[Answer]:
    found = []
    for record in read_records(path, services.registry, services):
        assert isinstance(record, Record)
        spans = record.spans or ()
        if len(spans) == 1 and record.answer in ("accept", "reject"):
            found.append(
                Answer(dict(record.fields), asked(record, spans[0], services), record.answer == "accept")
            )
    return found


def asked(record: Record, span: CharSpan, services: HostServices) -> Span:
    doc, (span,) = align_spans(services.doc(record), [span], "split")
    found = doc.char_span(span.start_char, span.end_char, span.label)
    assert found is not None
    return found


def targets_of(answers: Sequence[Answer], services: HostServices) -> list[Target]:
    """Read the answers as a pipeline does: those on one text are one target."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        path.write_text("".join(f"{json.dumps(answer.row)}\n" for answer in answers), encoding="utf-8")
        source = services.registry.create("source", "answers", {"path": str(path)}, services)
        return collect(source.targets(), path.name).items


class Course:
    """One training, step by step."""

    def __init__(
        self, targets: Sequence[Target], losses: Sequence[tuple[LossFunction, float]], seed: int
    ) -> None:
        self.settings = TrainSettings(seed=seed)
        self.source = SourceData(tuple(targets), tuple(losses))
        learner = Learner((LABEL,), seed=seed, vocabulary=Vocabulary((), ()))
        learner = learner.with_vocabulary(learner.attributes(target.doc) for target in targets)
        self.updater = Updater(learner, self.settings)
        self.epoch = 0

    @property
    def learner(self) -> Learner:
        return self.updater.averaged

    def go_to(self, step: int) -> None:
        """Train up to this step; the epoch that it lies in is cut short."""
        while self.updater.step < step:
            rng = np.random.default_rng([self.settings.seed, self.epoch])
            self.epoch += 1
            for chosen in self.source.batches(self.settings.batch_words, rng):
                targets = [self.source.targets[index] for index in chosen]
                attributes = [self.updater.learner.attributes(target.doc) for target in targets]
                self.updater.update(attributes, targets, self.source.losses)
                if self.updater.step == step:
                    break


def train(
    targets: Sequence[Target], losses: Sequence[tuple[LossFunction, float]], seed: int
) -> tuple[Learner, int]:
    """Train on all targets for as many steps as make the last of them likeliest when they are held out."""
    kept = targets[: round(len(targets) * (1 - HELD_OUT))]
    held_out = targets[len(kept) :]
    course = Course(kept, losses, seed)
    best, highest = 0, -np.inf
    for step in range(EVERY, MAX_STEPS + 1, EVERY):
        course.go_to(step)
        derivations = course.learner.derivations([target.doc for target in held_out])
        mass = sum(item.log_mass(target) for item, target in zip(derivations, held_out, strict=True))
        if mass > highest:
            best, highest = step, mass
        elif step - best >= PATIENCE:
            break
    whole = Course(targets, losses, seed)
    whole.go_to(round(best * len(targets) / len(kept)))
    return whole.learner, best


def recipes(services: HostServices) -> dict[str, list[tuple[LossFunction, float]]]:
    """Return what is trained with: answers alone, and with an O-signal."""
    lattice = services.registry.create("loss", "lattice", {}, services)
    ratio = services.registry.create("loss", "entity_ratio", RATIO, services)

    def outside(scores: Scores, targets: Sequence[Target]) -> Any:
        """Compare with the answers once more, and with every token that was not asked for as outside."""
        return lattice(scores, [elsewhere_outside(target) for target in targets])

    return {
        "answers alone": [(lattice, 1.0)],
        "and entity_ratio": [(lattice, 1.0), (ratio, 1.0)],
        "and outside elsewhere": [(lattice, 1.0), (outside, OUTSIDE_WEIGHT)],
    }


def elsewhere_outside(target: Target) -> Target:
    spans = (*target.spans, *target.rejected)
    touched = {token for span in spans for token in range(span.start, span.end)}
    return replace(target, outside=tuple(set(range(len(target.doc))) - touched))


def probabilities(learner: Learner, answers: Sequence[Answer]) -> list[float]:
    derivations = learner.derivations([answer.span.doc for answer in answers])
    return [
        item.span_probability(answer.span.start, answer.span.end, LABEL)
        for item, answer in zip(derivations, answers, strict=True)
    ]


def accept_rates(training: Sequence[Answer], answers: Sequence[Answer]) -> list[float]:
    """Return how often each surface was accepted before, with one answer of the average sort added."""
    accepted, given = Counter[str](), Counter[str]()
    for answer in training:
        given[answer.span.text.lower()] += 1
        accepted[answer.span.text.lower()] += answer.accepted
    average = accepted.total() / given.total()
    surfaces = [answer.span.text.lower() for answer in answers]
    return [(accepted[surface] + average) / (given[surface] + 1) for surface in surfaces]


def auc(answers: Sequence[Answer], scores: Sequence[float]) -> float:
    """Return how often an accepted span scores above a rejected one; a tie counts one half."""
    accepted = np.array([answer.accepted for answer in answers])
    values = np.asarray(scores)
    above = values[accepted][:, None] - values[~accepted][None, :]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=float, default=1.0, metavar="SHARE", help="leave later answers aside")
    parser.add_argument("--only", action="append", help="a recipe, by its name")
    arguments = parser.parse_args()
    services = HostServices.bare(make_manager().registry, (LABEL,))
    answers = read_answers(arguments.data / "reddit_product" / "annotated_reddit-PRODUCT-ner.jsonl", services)
    answers = answers[: round(arguments.first * len(answers))]
    results: dict[str, list[float]] = {}

    def tell(name: str, values: Sequence[float], more: str = "") -> None:
        results.setdefault(name, []).append(statistics.mean(values))
        spread = f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""
        print(f"  {name:24s} AUC {statistics.mean(values):.3f}{spread}{more}", flush=True)

    for share in SHARES:
        end = round(share * len(answers))
        training, following = answers[:end], answers[end : round((share + NEXT) * len(answers))]
        right = statistics.mean(answer.accepted for answer in following)
        print(f"first {share:.0%}: {end} answers; the next {len(following)}, {right:.0%} accepted")
        tell(
            "score of the old tool",
            [auc(following, [answer.row["spans"][0]["score"] for answer in following])],
        )
        tell("accept rate of surfaces", [auc(following, accept_rates(training, following))])
        targets = targets_of(training, services)
        for name, losses in recipes(services).items():
            if arguments.only and name not in arguments.only:
                continue
            trained = [train(targets, losses, seed) for seed in range(arguments.seeds)]
            steps = ", ".join(str(step) for _, step in trained)
            tell(
                name,
                [auc(following, probabilities(learner, following)) for learner, _ in trained],
                f"; steps {steps}",
            )
    for name, values in results.items():
        print(f"mean: {name:24s} AUC {statistics.mean(values):.3f}", flush=True)


if __name__ == "__main__":
    main()
