"""What a training shows on standard error: a live line in a terminal, one line an evaluation elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from nerture.cli.common.output import console, say
from nerture.terminal.text_format import percent, plural

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from nerture.core.annotations.record import Problem
    from nerture.training.results import Progress
    from nerture.training.trainer import Trainer
    from nerture.training.training_data import TrainingData


class Display(Protocol):
    """Is told how a training goes."""

    def begin(self, trainer: Trainer) -> None:
        """Hear what will be trained on."""

    def listen(self, progress: Progress) -> None:
        """Hear of a step."""


@contextmanager
def display(quiet: bool) -> Iterator[Display]:
    """Give the display that suits standard error."""
    if quiet:
        yield Silence()
    elif sys.stderr.isatty():
        from rich.progress import BarColumn, Progress, TextColumn

        columns = TextColumn("{task.description}"), BarColumn(10), TextColumn("{task.fields[left]}")
        with Progress(*columns, console=console(stderr=True), transient=True) as bar:
            yield LiveLine(bar)
    else:
        yield Lines()


class Silence:
    """Says nothing but that something was left out."""

    def begin(self, trainer: Trainer) -> None:
        """Say what was skipped, and what cannot be learned."""
        errors = [problem for problem in trainer.data.problems if problem.severity == "error"]
        if errors:
            rows = len({problem.origin for problem in errors})
            say(f"Skipped {plural(rows, 'bad row')}, the first: {errors[0]}")
        notes: dict[str, list[Problem]] = {}
        for problem in trainer.data.problems:
            if problem.severity == "note":
                notes.setdefault(problem.code, []).append(problem)
        for code, found in notes.items():
            more = f" (and {plural(len(found) - 1, 'more note')} of this kind)" if len(found) > 1 else ""
            say(f"Note: {found[0]} [{code}]{more}")

    def listen(self, progress: Progress) -> None:
        """Say nothing."""


class Lines(Silence):
    """Prints a line for each evaluation."""

    _held_out = _f1 = ""
    _fold: int | None = None

    def begin(self, trainer: Trainer) -> None:
        """Say what there is to train on."""
        super().begin(trainer)
        data, config = trainer.data, trainer.pipeline.config
        words = sum(len(target.doc) for stock in data.stocks for target in stock.targets)
        texts = sum(len(stock.targets) for stock in data.stocks)
        aside = "" if config.evaluate else " (set aside)"
        say(
            f"Training on {plural(texts, 'text')}, {plural(words, 'word')}; evaluating on "
            f"{plural(len(data.held_out), 'text')}{aside}; labels {', '.join(config.labels)}"
        )
        if data.start is not None:
            say(_started(data))
        if trainer.position.step:
            say(f"Resumed at step {trainer.position.step:,}")
        self.settings = trainer.settings
        self._start = trainer.position.step, trainer.position.seconds

    def listen(self, progress: Progress) -> None:
        """Print a line after an evaluation."""
        if progress.report is not None:
            say(f"{self.line(progress)}  {self.left(progress)} left")
        if progress.again == 1 and progress.fold is None:
            steps = plural(1 + progress.again_left, "step")
            parts = f"; then without each of {self.settings.folds} parts" if self.settings.folds else ""
            say(f"Learning anew from all texts, those set aside too{parts}: {steps}")
        if progress.fold != self._fold:
            self._fold = progress.fold
            say(f"Cross-validation: learning from all texts but part {self._at(progress)}")

    def _at(self, progress: Progress) -> str:
        return f"{progress.fold} of {self.settings.folds}"

    def line(self, progress: Progress) -> str:
        """Return what is known after a step: of the two losses, the second is that of the held-out texts."""
        rate = progress.words / progress.seconds if progress.seconds else 0.0
        if progress.report is not None:
            self._held_out, self._f1 = f"/{progress.held_out_loss:.3f}", f"  F1 {percent(progress.report.f1)}"
        best = f"  best at {progress.best_step:,}" if progress.best_step else ""
        if progress.again is not None:
            what = "on all texts" if progress.fold is None else f"without part {self._at(progress)}"
            return f"{what}: step {progress.again:,}  {rate:,.0f} words/s  loss {progress.loss:.3f}"
        loss = f"loss {progress.loss:.3f}{self._held_out}"
        return f"step {progress.step:,}  {rate:,.0f} words/s  {loss}{self._f1}{best}"

    def steps_left(self, progress: Progress) -> int:
        """Return how many steps there will be if no evaluation is better than the best."""
        if progress.again is not None:
            return progress.again_left
        left = self.settings.max_steps - progress.step
        if progress.best_step:
            left = min(left, progress.best_step + self.settings.patience - progress.step)
        return max(left, 0)

    def left(self, progress: Progress) -> str:
        """Return the time to the end, if no evaluation is better than the best, as minutes and seconds."""
        step, seconds = self._start
        a_step = (progress.seconds - seconds) / max(progress.step + (progress.again or 0) - step, 1)
        left = round(self.steps_left(progress) * a_step)
        return f"{left // 60}:{left % 60:02}"


def _started(data: TrainingData) -> str:
    """Say what the training starts from, and what becomes of it."""
    start = data.start
    assert start is not None
    said = [f"Starting from {start.part.model}"]
    if start.labels:
        said.append(f"it knows {', '.join(start.labels)}")
    if start.dropped:
        said.append(f"dropped: {', '.join(start.dropped)}")
    if data.rehearsal is not None:
        said.append(f"rehearsing on {plural(len(data.rehearsal.targets), 'text')}")
    elif not start.part.rehearse:
        said.append("without rehearsal")
    return "; ".join(said)


class LiveLine(Lines):
    """Keeps one line up to date, and leaves one behind for each evaluation."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("reading", total=None, left="")

    def listen(self, progress: Progress) -> None:
        """Bring the line up to date."""
        if progress.report is not None or progress.again == 1 or progress.fold != self._fold:
            super().listen(progress)
        self._bar.update(
            self._task,
            description=self.line(progress),
            completed=progress.again or progress.step,
            total=(progress.again or progress.step) + self.steps_left(progress),
            left=f"{self.left(progress)} left",
        )
