"""Questions as text for a terminal: in colours if it has them, else with brackets."""

from __future__ import annotations

from rich.text import Text

from nerture.sessions.answers.agreement import Agreement
from nerture.sessions.answers.question import Question
from nerture.sessions.live.protocol import SessionProgress
from nerture.terminal.mark_editing import Marks
from nerture.terminal.text_format import harmless, percent, plural

STYLES = (
    "black on cyan", "black on yellow", "black on green", "black on magenta", "white on blue", "white on red",
    "black on bright_cyan", "black on bright_yellow",
)  # fmt: skip
KEYS = (
    ("a", "accept: the span is right; or: the text is right and complete"),
    ("Enter", "the text is right and complete (text questions)"),
    ("x", "reject the span; or: reject the text, the model will not learn from it"),
    ("space, i", "ignore: never ask this again"),
    ("Backspace, u", "undo the last answer"),
    ("m", "edit the spans, by word numbers"),
    ("f", "flag, to come back to it later"),
    ("p", "accept or reject new patterns that your answers suggest"),
    ("q", "end; all answers are kept"),
)
"""The keys and their actions."""
MIN_GAIN = 0.0005
"""A smaller gain of F1 is text as none."""


class Show:
    """Formats questions; ``labels`` are the session's, in the order of the colours."""

    def __init__(self, labels: tuple[str, ...], colour: bool) -> None:
        self._styles = {label: STYLES[number % len(STYLES)] for number, label in enumerate(labels)}
        self._colour = colour

    def format_question(self, question: Question, marks: Marks) -> Text:
        """Return the question and its reason."""
        if question.kind == "text":
            line = Text("Anything else? Mark every " if question.reason == "follow-up" else "Mark every ")
            for number, label in enumerate(question.labels, 1):
                line.append_text(Text(", ") if number > 1 else Text())
                line.append_text(self._label(f"{number} {label}", label))
        elif question.mode == "retype":
            line = Text("Which is it: ")
            for number, label in enumerate(question.labels, 1):
                line.append_text(self._label(f"{number} {label}", label)).append(" ")
        else:
            line = Text("Is this ").append_text(self._label(marks[0][2], marks[0][2])).append("?")
        line.append(f"   {explain(question)}", "dim")
        return line

    def format_text(self, question: Question, marks: Marks) -> Text:
        """Return the text with its spans marked."""
        text, done = Text(), 0
        several = question.kind == "text"
        for start, end, label in marks:
            text.append(harmless(question.text[done:start]))
            words, name = harmless(question.text[start:end]), harmless(label)
            if not self._colour:
                text.append(f"[{words} {name}]")
            else:
                text.append(words, self._style(label))
                text.append(f" {name} " if several else "", f"bold {self._style(label)}")
            done = end
        return text.append(harmless(question.text[done:]))

    def format_words(self, question: Question) -> Text:
        """Return the words, numbered from 1."""
        text = Text()
        for number, (start, end) in enumerate(question.tokens, 1):
            text.append(f"{number}", "cyan").append(f" {harmless(question.text[start:end])}  ")
        return text

    def format_meta(self, question: Question) -> Text:
        """Return the other fields of the input."""
        return Text(harmless("  ".join(f"{key}: {value}" for key, value in question.meta.items())), "dim")

    def _label(self, words: str, label: str) -> Text:
        words = harmless(words)
        return Text(f" {words} ", self._style(label)) if self._colour else Text(words)

    def _style(self, label: str) -> str:
        return self._styles.get(label, STYLES[0])


def explain(question: Question) -> str:
    """Return why the question is asked, and the model's probability."""
    reason = {
        "pattern": "found by a pattern",
        "model": "suggested by the model",
        "probe": "picked at random, to measure the model",
        "follow-up": "a span in this text was accepted",
        "source": "next in the input",
        "review": "the answers disagree",
    }[question.reason]
    if question.reason == "pattern":
        pattern = next((span.pattern for span in question.spans if span.pattern is not None), None)
        reason = f"found by pattern {harmless(pattern)}" if pattern is not None else reason
        right, wrong = question.record or (0, 0)
        reason += f", right {right} of {right + wrong} times" if right + wrong else ", for the first time"
    if question.probability is not None:
        reason += f"; model: {percent(question.probability)} %"
    return f"({reason})"


def format_progress(progress: SessionProgress) -> str:
    """Return the progress of a session in one line."""
    line = f"{progress.answers} answered: {progress.accepted} accepted, {progress.rejected} rejected, "
    line += f"{progress.ignored} ignored"
    if progress.remaining is not None:
        line += f"; {progress.remaining} left"
    if progress.versions:
        line += f"; the model is trained on {progress.learned_from}"
    if progress.precision is not None:
        estimate = progress.precision
        line += (
            f"; precision about {percent(estimate.estimate)} % "
            f"({percent(estimate.low)} to {percent(estimate.high)})"
        )
    return line


def format_forecast(progress: SessionProgress) -> str:
    """Return in one line the F1 expected of the model, and the gain of more answers; empty if unknown."""
    if not progress.curve:
        return ""
    line = f"Expected F1 about {percent(progress.curve[-1][1])} %"
    if progress.next_gain is not None:
        line += f", {format_gain(progress.next_gain)} more after the next 100 answers"
    return f"{line}: estimated from the model's probabilities and your answers, usually too high"


def format_gain(gain: float) -> str:
    """Return a gain of F1 in points."""
    return "almost nothing" if gain < MIN_GAIN else f"about {100 * gain:.1f} points"


def format_agreement(agreement: Agreement) -> str:
    """Return the agreement of annotators in one line."""
    pairs = [
        f"{first} and {second} {_format_figure('kappa', pair.kappa)} on {plural(pair.questions, 'question')}"
        for (first, second), pair in agreement.pairs.items()
    ]
    alpha = _format_figure("alpha", agreement.alpha)
    return f"agreement: {', '.join(pairs)}; all {alpha} on {plural(agreement.questions, 'question')}"


def _format_figure(name: str, value: float | None) -> str:
    return f"{name} {value:.2f}" if value is not None else f"{name} undefined (all answers are equal)"
