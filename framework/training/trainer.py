"""``Trainer``: trains batch by batch, evaluates on held-out texts, and keeps the best model."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from nerture import __version__
from nerture.core.lattice.score_calibration import UNCHANGED
from nerture.core.learner.learner import Learner
from nerture.core.learner.resize_labels import make_anchor
from nerture.errors import DataError
from nerture.evaluation.calibration import calibrated_loss, fit_calibration
from nerture.evaluation.scorer import Report, score
from nerture.interfaces import Evaluation
from nerture.models.constrained_learner import ConstrainedLearner
from nerture.models.model import Model
from nerture.pipeline import Pipeline
from nerture.training.checkpoint import Position, load_checkpoint, save_checkpoint
from nerture.training.cross_validation import cross_validate
from nerture.training.interrupts import delay_interrupts
from nerture.training.results import Progress, Trained
from nerture.training.runs import RefitProgress, Refits, TrainingRun, make_learner
from nerture.training.threshold import find_best_threshold
from nerture.training.training_data import TrainingData

MAX_WORDS = 20_000
"""Words of held-out texts that choose the best step; from longer ones, evenly spaced texts are taken."""


def _reproducible(report: Report) -> dict[str, Any]:
    """Return the parts of a report that are the same each time the training is repeated."""
    return {key: value for key, value in report.as_dict().items() if key != "words_per_second"}


class Trainer:
    """One training of a pipeline; ``listen`` is called after every step."""

    def __init__(
        self,
        pipeline: Pipeline,
        data: TrainingData,
        *,
        checkpoint: Path | None = None,
        listen: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        self.pipeline, self.data, self.listen = pipeline, data, listen
        self.checkpoint = checkpoint
        self.settings = pipeline.config.train
        config = pipeline.config
        if data.start is not None:
            learner = data.start.make_learner(pipeline, data.longest)
        else:
            learner = make_learner(pipeline, data.longest)
        constrained = ConstrainedLearner(learner, pipeline.constraints)
        for target in data.held_out:
            constrained.known(target.doc, target.origin)  # contradictions are reported before training
        self.before = None if data.start is None else self._evaluate_learner(learner)
        pulled_to = make_anchor(learner, data.start.labels) if data.start else None
        self.training_run = TrainingRun(learner, data, config.train, pulled_to)
        self.updater = self.training_run.updater
        self.best = learner.weights.copy()
        self.position = Position()
        labels = config.labels
        self._complete = all(target.is_complete_for(label) for target in data.held_out for label in labels)

    def resume(self) -> None:
        """Continue from the checkpoint; raises ``ModelFileError`` if there is none for this pipeline."""
        assert self.checkpoint is not None
        self.position = load_checkpoint(self.checkpoint, self.updater, self.best, self._identity())

    def run(self) -> Trained:
        """Train until the model no longer improves, or until Ctrl-C, and return the best model."""
        started = perf_counter()
        before = self.position.seconds
        interrupted = False
        try:
            while not self._is_finished():
                self._epoch(started, before)
        except KeyboardInterrupt:
            if self.position.step == 0:
                raise  # nothing has been learned
            interrupted = True
        self.position.seconds = before + perf_counter() - started
        self._save_checkpoint()
        if self.position.best_step == 0:
            self._evaluate()  # stopped before the first evaluation: the present weights are the best
        model = self._make_model()
        report = model.evaluate(self.data.held_out)
        refit_steps = 0
        fold_f1: tuple[float, ...] = ()
        if not interrupted:
            refits = Refits(
                self.pipeline, self.data, self.position.best_step, self._refit_listener(started, before)
            )
            try:
                refit_steps = self._refit(model, refits)
                if self.data.folds:
                    crossed = cross_validate(refits.train_folds(), self.pipeline.constraints)
                    learner = model.learner
                    learner.threshold, learner.calibration = crossed.threshold, crossed.calibration
                    report, fold_f1 = crossed.report, crossed.f1
            except KeyboardInterrupt:
                interrupted = True
            self.position.seconds = before + perf_counter() - started
        model.meta |= {
            "evaluation": _reproducible(report),
            "finished": not interrupted,
            "nerture": __version__,
        }
        position = self.position
        return Trained(
            model, report, position.step, position.words, position.seconds, position.update_seconds,
            position.best_step, position.best_loss, interrupted,
            before=self.before, kept=self.data.start.labels if self.data.start else (),
            refit_steps=refit_steps, fold_f1=fold_f1,
        )  # fmt: skip

    def _refit(self, model: Model, refits: Refits) -> int:
        """Train the model again on all texts, including the held-out ones; return the number of steps.

        It keeps threshold and calibration, which need texts that it was not trained on.
        """
        learner = refits.train_on_all()
        if learner is None:
            return 0
        learner.threshold, learner.calibration = model.learner.threshold, model.learner.calibration
        model.learner = learner
        model.meta["refit_steps"] = refits.steps
        return refits.steps

    def _refit_listener(self, started: float, before: float) -> Callable[[RefitProgress], None]:
        """Return a function that records and reports the steps after the best one is known."""
        position, refit_started = self.position, perf_counter()
        updated = position.update_seconds

        def listen(refit: RefitProgress) -> None:
            position.words += refit.words
            position.seconds = before + perf_counter() - started
            position.update_seconds = updated + perf_counter() - refit_started
            self.listen(
                Progress(
                    position.step, position.words, position.seconds, refit.loss,
                    position.best_f1, position.best_step,
                    refit_step=refit.step, refit_left=refit.left, fold=refit.fold,
                )
            )  # fmt: skip

        return listen

    def _is_finished(self) -> bool:
        position, settings = self.position, self.settings
        waited = position.step - position.best_step
        return position.step >= settings.max_steps or (position.best_step > 0 and waited >= settings.patience)

    def _epoch(self, started: float, before: float) -> None:
        position, settings = self.position, self.settings
        batches = self.data.batches(settings.batch_words, settings.seed, position.epoch)
        for number, (source, chosen) in enumerate(batches):
            if number < position.batch:
                continue  # done before the checkpoint
            with delay_interrupts():
                step_started = perf_counter()
                loss, words = self.training_run.step(source, chosen)
                position.step = self.updater.step
                position.batch = number + 1
                position.words += words
                position.update_seconds += perf_counter() - step_started
                position.seconds = before + perf_counter() - started
                report = held_out_loss = None
                if position.step % settings.evaluate_every == 0 or position.step == settings.max_steps:
                    report, held_out_loss = self._evaluate()
                    self._save_checkpoint()
            self.listen(
                Progress(
                    position.step, position.words, position.seconds, loss,
                    position.best_f1, position.best_step, report, held_out_loss,
                )
            )  # fmt: skip
            if self._is_finished():
                return
        position.epoch, position.batch = position.epoch + 1, 0

    def _evaluate(self) -> tuple[Report, float]:
        """Evaluate the average of the weights, and keep it if it is the best so far.

        The best is the one that gives the highest probability to what is known about the held-out texts,
        after calibration. On a few hundred texts F1 varies by chance, and it says little about answers and
        other partial annotations.
        """
        averaged = self.updater.averaged

        def evaluate_at(threshold: float) -> Report:
            averaged.threshold = threshold
            return self._evaluate_learner(averaged)

        # if not every wrong span is known to be wrong, the lowest threshold would seem the best
        report = find_best_threshold(evaluate_at)[1] if self._complete else self._evaluate_learner(averaged)
        loss = self._held_out_loss()
        if self.position.best_step == 0 or loss < self.position.best_loss:
            self.position.best_loss = loss
            self.position.best_step = self.position.step
            self.best.flat[:] = self.updater.averaged.weights.flat
            self.position.best_f1 = report.f1
            self.position.best_threshold = self.updater.averaged.threshold
        self.pipeline.manager.report_evaluation(Evaluation(self.position.step, report))
        return report, loss

    def _held_out_loss(self) -> float:
        targets = self.data.held_out
        words = sum(len(target.doc) for target in targets)
        return calibrated_loss(self.updater.averaged, targets[:: math.ceil(words / MAX_WORDS)])

    def _evaluate_learner(self, learner: Learner) -> Report:
        started = perf_counter()
        targets = self.data.held_out
        constrained = ConstrainedLearner(learner, self.pipeline.constraints)
        predictions = constrained.predict([target.doc for target in targets])
        return score(targets, predictions, learner.labels, perf_counter() - started)

    def _make_model(self) -> Model:
        best = self.updater.learner.with_weights(self.best)
        best.threshold, best.calibration = self.position.best_threshold, UNCHANGED  # not a start model's
        if self._complete:
            # if no span is predicted, there is nothing to calibrate
            with suppress(DataError):
                best.calibration = fit_calibration([(best, self.data.held_out)])
        pipeline = self.pipeline
        meta: dict[str, Any] = {"steps": self.position.step, "best_step": self.position.best_step}
        if self.data.start is not None:
            meta["start"] = self.data.start.provenance()
        return Model(
            best, pipeline.tokenizer, pipeline.config.as_dict(),
            files=pipeline.files, meta=meta, manager=pipeline.manager, constraints=pipeline.constraints,
        )  # fmt: skip

    def _save_checkpoint(self) -> None:
        if self.checkpoint is not None:
            save_checkpoint(self.checkpoint, self.updater, self.best, self.position, self._identity())

    def _identity(self) -> dict[str, Any]:
        """Return what must not change between the parts of one training.

        Its length and patience may change, and so may the refit and folds, which follow the best step.
        """
        config = self.pipeline.config.as_dict()
        free = {"max_steps", "patience", "refit", "folds"}
        train = {key: value for key, value in config["train"].items() if key not in free}
        start = self.data.start
        return {**config, "train": train, "start": start and [config["start"], start.provenance()]}
