"""What training reports: after each step, and at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nerture.evaluation.scorer import Report
from nerture.models.model import Model
from nerture.training.forgetting import F1Drop, find_f1_drops


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of training after a step.

    ``loss`` is that of the step's batch, per word. Right after an evaluation there are its ``report`` and its
    ``held_out_loss``, by which the best model is chosen. Once the best step is known, ``refit_step`` counts
    the steps of the refit on all texts and then of cross-validation, ``refit_left`` are the steps that
    remain, and ``fold`` is the number of the fold, from 1.
    """

    step: int
    words: int
    seconds: float
    loss: float
    best_f1: float
    best_step: int
    report: Report | None = None
    held_out_loss: float | None = None
    refit_step: int | None = None
    refit_left: int = 0
    fold: int | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """The result of a training: the best model, its evaluation, and the steps and time it took.

    If texts were held out, ``report`` evaluates on them the model from before the refit, and ``model`` was
    then trained from scratch on all texts, in ``refit_steps``; these are 0 if there was no refit. After
    cross-validation, ``report`` is over all texts, and ``fold_f1`` has the F1 of each fold. ``seconds`` is
    the time since the texts were read; ``update_seconds`` that of the updates alone, without evaluations.
    ``folder`` is where the model was saved, or None. ``before`` is the evaluation of the model that training
    started from, before the first update; ``kept`` are those of its labels that the pipeline still has.
    """

    model: Model
    report: Report
    steps: int
    words: int
    seconds: float
    update_seconds: float
    best_step: int
    held_out_loss: float
    interrupted: bool
    folder: Path | None = None
    before: Report | None = None
    kept: tuple[str, ...] = ()
    refit_steps: int = 0
    fold_f1: tuple[float, ...] = ()

    @property
    def old_f1(self) -> dict[str, float] | None:
        """The F1 of each label before the first update; None if training did not start from a model."""
        if self.before is None:
            return None
        return {label: self.before.per_label[label].f1 for label in sorted(self.kept)}

    @property
    def f1_drops(self) -> list[F1Drop]:
        """The labels that the model knew before and predicts worse now."""
        return find_f1_drops(self.before, self.report, self.kept) if self.before else []

    def as_dict(self) -> dict[str, Any]:
        """Return the result as ``--json`` prints it."""
        return {
            **self.report.as_dict(),
            **({} if self.old_f1 is None else {"before": self.old_f1}),
            "steps": self.steps,
            "words_trained": self.words,
            "seconds": self.seconds,
            "train_words_per_second": self.words / self.update_seconds if self.update_seconds else 0.0,
            "best_step": self.best_step,
            "refit_steps": self.refit_steps,
            "fold_f1": list(self.fold_f1),
            "held_out_loss": self.held_out_loss,
            "interrupted": self.interrupted,
        }
