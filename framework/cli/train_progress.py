"""The progress of a training on standard error: a live line in a terminal, else a line per evaluation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from nerture.cli.common.output import make_console, say
from nerture.terminal.text_format import percent, plural

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from nerture.core.annotations.record import Problem
    from nerture.training.results import Progress
    from nerture.training.trainer import Trainer
    from nerture.training.training_data import TrainingData


class Display(Protocol):
    """Shows the progress of a training."""

    def begin(self, trainer: Trainer) -> None:
        """Show what will be trained on."""

    def listen(self, progress: Progress) -> None:
        """Show a step."""


@contextmanager
def open_display(quiet: bool) -> Iterator[Display]:
    """Yield the display that suits standard error."""
    if quiet:
        yield Silence()
    elif sys.stderr.isatty():
        from rich.progress import BarColumn, Progress, TextColumn

        columns = TextColumn("{task.description}"), BarColumn(10), TextColumn("{task.fields[left]}")
        with Progress(*columns, console=make_console(stderr=True), transient=True) as bar:
            yield LiveLine(bar)
    else:
        yield Lines()


class Silence:
    """Shows nothing but skipped rows and notes."""

    def begin(self, trainer: Trainer) -> None:
        """Print what was skipped, and what cannot be learned."""
        errors = [problem for problem in trainer.data.problems if problem.severity == "error"]
        if errors:
            rows = len({problem.origin for problem in errors})
            say(f"Skipped {plural(rows, 'bad row')}, the first: {errors[0]}")
        notes: dict[str, list[Problem]] = {}
        for problem in trainer.data.problems:
            if problem.severity == "note":
                notes.setdefault(problem.code, []).append(problem)
        for code, problems in notes.items():
            count = len(problems) - 1
            more = f" (and {plural(count, 'more note')} of this kind)" if count else ""
            say(f"Note: {problems[0]} [{code}]{more}")

    def listen(self, progress: Progress) -> None:
        """Show nothing."""


class Lines(Silence):
    """Prints a line for each evaluation."""

    _held_out = _f1 = ""
    _fold: int | None = None

    def begin(self, trainer: Trainer) -> None:
        """Print what is trained on."""
        super().begin(trainer)
        data, config = trainer.data, trainer.pipeline.config
        words = sum(len(target.doc) for source in data.sources for target in source.targets)
        texts = sum(len(source.targets) for source in data.sources)
        held_out = "" if config.evaluate else " (held out)"
        say(
            f"Training on {plural(texts, 'text')}, {plural(words, 'word')}; evaluating on "
            f"{plural(len(data.held_out), 'text')}{held_out}; labels {', '.join(config.labels)}"
        )
        if data.start is not None:
            say(_describe_start(data))
        if trainer.position.step:
            say(f"Resumed at step {trainer.position.step:,}")
        self.settings = trainer.settings
        self._start = trainer.position.step, trainer.position.seconds

    def listen(self, progress: Progress) -> None:
        """Print a line after an evaluation."""
        if progress.report is not None:
            say(f"{self.format_line(progress)}  {self.format_time_left(progress)} left")
        if progress.refit_step == 1 and progress.fold is None:
            steps = plural(1 + progress.refit_left, "step")
            folds = f", then {self.settings.folds} folds" if self.settings.folds else ""
            say(f"Retraining from scratch on all texts, held-out ones included{folds}: {steps}")
        if progress.fold != self._fold:
            self._fold = progress.fold
            say(f"Cross-validation: training without fold {self._format_fold(progress)}")

    def _format_fold(self, progress: Progress) -> str:
        return f"{progress.fold} of {self.settings.folds}"

    def format_line(self, progress: Progress) -> str:
        """Return the progress after a step; the second of two losses is that of the held-out texts."""
        rate = progress.words / progress.seconds if progress.seconds else 0.0
        if progress.report is not None:
            self._held_out, self._f1 = f"/{progress.held_out_loss:.3f}", f"  F1 {percent(progress.report.f1)}"
        best = f"  best at {progress.best_step:,}" if progress.best_step else ""
        if progress.refit_step is not None:
            part = "on all texts" if progress.fold is None else f"without fold {self._format_fold(progress)}"
            return f"{part}: step {progress.refit_step:,}  {rate:,.0f} words/s  loss {progress.loss:.3f}"
        loss = f"loss {progress.loss:.3f}{self._held_out}"
        return f"step {progress.step:,}  {rate:,.0f} words/s  {loss}{self._f1}{best}"

    def count_steps_left(self, progress: Progress) -> int:
        """Return the number of steps left if no evaluation improves on the best."""
        if progress.refit_step is not None:
            return progress.refit_left
        left = self.settings.max_steps - progress.step
        if progress.best_step:
            left = min(left, progress.best_step + self.settings.patience - progress.step)
        return max(left, 0)

    def format_time_left(self, progress: Progress) -> str:
        """Return the time left, if no evaluation improves on the best, as minutes and seconds."""
        step, seconds = self._start
        steps = max(progress.step + (progress.refit_step or 0) - step, 1)
        left = round(self.count_steps_left(progress) * (progress.seconds - seconds) / steps)
        return f"{left // 60}:{left % 60:02}"


def _describe_start(data: TrainingData) -> str:
    """Return what the training starts from, and what it keeps of that."""
    start = data.start
    assert start is not None
    parts = [f"Starting from {start.part.model}"]
    if start.labels:
        parts.append(f"it knows {', '.join(start.labels)}")
    if start.dropped:
        parts.append(f"dropped: {', '.join(start.dropped)}")
    if data.rehearsal is not None:
        parts.append(f"rehearsing on {plural(len(data.rehearsal.targets), 'text')}")
    elif not start.part.rehearse:
        parts.append("without rehearsal")
    return "; ".join(parts)


class LiveLine(Lines):
    """Updates one line in place, and prints a line per evaluation above it."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("reading", total=None, left="")

    def listen(self, progress: Progress) -> None:
        """Update the line."""
        if progress.report is not None or progress.refit_step == 1 or progress.fold != self._fold:
            super().listen(progress)
        self._bar.update(
            self._task,
            description=self.format_line(progress),
            completed=progress.refit_step or progress.step,
            total=(progress.refit_step or progress.step) + self.count_steps_left(progress),
            left=f"{self.format_time_left(progress)} left",
        )
