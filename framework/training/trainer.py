"""Training: batches to updates, evaluations on held-out texts, the best model kept."""

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
from nerture.core.learner.resize_labels import anchor
from nerture.errors import DataError
from nerture.evaluation.calibration import calibrated_loss, fit_calibration
from nerture.evaluation.scorer import Report, score
from nerture.interfaces import Evaluation
from nerture.models.constrained_learner import ConstrainedLearner
from nerture.models.model import Model
from nerture.pipeline import Pipeline
from nerture.training.checkpoint import Position, load_checkpoint, save_checkpoint
from nerture.training.course import TrainingRun
from nerture.training.cross_validation import cross_validate
from nerture.training.interrupts import held_back
from nerture.training.refit import RefitProgress, Refits, new_learner
from nerture.training.results import Progress, Trained
from nerture.training.threshold import best_threshold
from nerture.training.training_data import TrainingData

MAX_WORDS = 20_000  # of the held-out texts by which the best step is chosen; of more, texts evenly spread


def _lasting(report: Report) -> dict[str, Any]:
    """Return what of a report is the same whenever the training is repeated."""
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
            learner = data.start.grown(pipeline, data.longest)
        else:
            learner = new_learner(pipeline, data.longest)
        constrained = ConstrainedLearner(learner, pipeline.constraints)
        for target in data.held_out:
            constrained.known(target.doc, target.origin)  # a contradiction comes to light before training
        self.before = None if data.start is None else self._scored(learner)
        knows = data.start.labels if data.start else ()
        pulled = anchor(learner, knows) if data.start else None
        self.course = TrainingRun(learner, data, config.train, pulled)
        self.updater = self.course.updater
        self.best = learner.weights.copy()
        self.position = Position()
        labels = config.labels
        self._complete = all(target.complete_for(label) for target in data.held_out for label in labels)

    def resume(self) -> None:
        """Go on from the checkpoint; raises ``ModelFileError`` when there is none for this pipeline."""
        assert self.checkpoint is not None
        self.position = load_checkpoint(self.checkpoint, self.updater, self.best, self._identity())

    def run(self) -> Trained:
        """Train until it no longer helps, or until Ctrl-C, and return the best model so far."""
        started = perf_counter()
        before = self.position.seconds
        interrupted = False
        try:
            while not self._finished():
                self._epoch(started, before)
        except KeyboardInterrupt:
            if self.position.step == 0:
                raise  # nothing has been learned
            interrupted = True
        self.position.seconds = before + perf_counter() - started
        self._save_checkpoint()
        if self.position.best_step == 0:
            self._evaluate()  # stopped before the first evaluation: what there is, is the best
        model = self._model()
        report = model.evaluate(self.data.held_out)
        refit_steps = 0
        fold_f1: tuple[float, ...] = ()
        if not interrupted:
            refits = Refits(self.pipeline, self.data, self.position.best_step, self._told(started, before))
            try:
                refit_steps = self._refit(model, refits)
                if self.data.folds:
                    crossed = cross_validate(refits.folds(), self.pipeline.constraints)
                    learner = model.learner
                    learner.threshold, learner.calibration = crossed.threshold, crossed.calibration
                    report, fold_f1 = crossed.report, crossed.f1
            except KeyboardInterrupt:
                interrupted = True
            self.position.seconds = before + perf_counter() - started
        model.meta |= {"evaluation": _lasting(report), "finished": not interrupted, "nerture": __version__}
        position = self.position
        return Trained(
            model, report, position.step, position.words, position.seconds, position.update_seconds,
            position.best_step, position.best_loss, interrupted,
            before=self.before, kept=self.data.start.labels if self.data.start else (),
            refit_steps=refit_steps, fold_f1=fold_f1,
        )  # fmt: skip

    def _refit(self, model: Model, refits: Refits) -> int:
        """Let the model learn anew from all texts, those set aside too; return the number of steps.

        It keeps threshold and calibration, which only texts can tell that it has not learned from.
        """
        learner = refits.whole()
        if learner is None:
            return 0
        learner.threshold, learner.calibration = model.learner.threshold, model.learner.calibration
        model.learner = learner
        model.meta["refit_steps"] = refits.steps
        return refits.steps

    def _told(self, started: float, before: float) -> Callable[[RefitProgress], None]:
        """Return what notes and tells the steps that come once the best one is known."""
        position, refit_started = self.position, perf_counter()
        updated = position.update_seconds

        def listen(again: RefitProgress) -> None:
            position.words += again.words
            position.seconds = before + perf_counter() - started
            position.update_seconds = updated + perf_counter() - refit_started
            self.listen(
                Progress(
                    position.step, position.words, position.seconds, again.loss,
                    position.best_f1, position.best_step,
                    again=again.step, again_left=again.left, fold=again.fold,
                )
            )  # fmt: skip

        return listen

    def _finished(self) -> bool:
        position, settings = self.position, self.settings
        waited = position.step - position.best_step
        return position.step >= settings.max_steps or (position.best_step > 0 and waited >= settings.patience)

    def _epoch(self, started: float, before: float) -> None:
        position, settings = self.position, self.settings
        batches = self.data.batches(settings.batch_words, settings.seed, position.epoch)
        for number, (stock, chosen) in enumerate(batches):
            if number < position.batch:
                continue  # done before the checkpoint
            with held_back():
                step_started = perf_counter()
                loss, words = self.course.take(stock, chosen)
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
            if self._finished():
                return
        position.epoch, position.batch = position.epoch + 1, 0

    def _evaluate(self) -> tuple[Report, float]:
        """Evaluate the average of the weights, and keep it if it is the best so far.

        The best is the one that finds what is known of the held-out texts most probable, once it is
        calibrated. On a few hundred texts F1 goes up and down by chance, and of answers and other partial
        knowledge it says little.
        """
        averaged = self.updater.averaged

        def scored(threshold: float) -> Report:
            averaged.threshold = threshold
            return self._scored(averaged)

        # where not every wrong span is known to be wrong, the lowest threshold would seem the best
        report = best_threshold(scored)[1] if self._complete else self._scored(averaged)
        loss = self._held_out_loss()
        if self.position.best_step == 0 or loss < self.position.best_loss:
            self.position.best_loss = loss
            self.position.best_step = self.position.step
            self.best.flat[:] = self.updater.averaged.weights.flat
            self.position.best_f1 = report.f1
            self.position.best_threshold = self.updater.averaged.threshold
        self.pipeline.manager.evaluated(Evaluation(self.position.step, report))
        return report, loss

    def _held_out_loss(self) -> float:
        targets = self.data.held_out
        words = sum(len(target.doc) for target in targets)
        return calibrated_loss(self.updater.averaged, targets[:: math.ceil(words / MAX_WORDS)])

    def _scored(self, learner: Learner) -> Report:
        started = perf_counter()
        targets = self.data.held_out
        constrained = ConstrainedLearner(learner, self.pipeline.constraints)
        predictions = constrained.predict([target.doc for target in targets])
        return score(targets, predictions, learner.labels, perf_counter() - started)

    def _model(self) -> Model:
        best = self.updater.learner.with_weights(self.best)
        best.threshold, best.calibration = self.position.best_threshold, UNCHANGED  # and not those of a start
        if self._complete:
            # where nothing is found, there is nothing to calibrate
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
        """Return what must not change between the parts of one training; its length and patience may.

        So may what is done once the best step is known.
        """
        config = self.pipeline.config.as_dict()
        free = {"max_steps", "patience", "refit", "folds"}
        train = {key: value for key, value in config["train"].items() if key not in free}
        start = self.data.start
        return {**config, "train": train, "start": start and [config["start"], start.provenance()]}
