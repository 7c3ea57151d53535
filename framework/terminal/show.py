"""Questions as text for a terminal: coloured where it knows colours, in brackets elsewhere."""

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
    ("a", "accept: the mark is right; or: the text is right and complete"),
    ("Enter", "the text is right and complete (text questions)"),
    ("x", "reject the mark; or: set the text aside, it is not to be learned from"),
    ("space, i", "ignore: never ask this again"),
    ("Backspace, u", "undo: take the last answer back"),
    ("m", "mend the marks, by numbers of words"),
    ("f", "flag, to come back to it"),
    ("p", "new patterns that your answers suggest: accept or reject them"),
    ("q", "end: everything answered is kept"),
)
"""The keys and what they do."""
NOTHING = 0.0005
"""A gain of F1 that is told as none."""


class Show:
    """Makes lines to print; ``labels`` are the session's, in the order of the colours."""

    def __init__(self, labels: tuple[str, ...], colour: bool) -> None:
        self._styles = {label: STYLES[number % len(STYLES)] for number, label in enumerate(labels)}
        self._colour = colour

    def asked(self, question: Question, marks: Marks) -> Text:
        """Return what is asked, and why."""
        if question.kind == "text":
            said = Text("Anything else? Mark every " if question.reason == "follow-up" else "Mark every ")
            for number, label in enumerate(question.labels, 1):
                said.append_text(Text(", ") if number > 1 else Text())
                said.append_text(self._label(f"{number} {label}", label))
        elif question.mode == "retype":
            said = Text("Which is it: ")
            for number, label in enumerate(question.labels, 1):
                said.append_text(self._label(f"{number} {label}", label)).append(" ")
        else:
            said = Text("Is this ").append_text(self._label(marks[0][2], marks[0][2])).append("?")
        said.append(f"   {why(question)}", "dim")
        return said

    def text(self, question: Question, marks: Marks) -> Text:
        """Return the text with its marks."""
        shown, place = Text(), 0
        several = question.kind == "text"
        for start, end, label in marks:
            shown.append(harmless(question.text[place:start]))
            words, name = harmless(question.text[start:end]), harmless(label)
            if not self._colour:
                shown.append(f"[{words} {name}]")
            else:
                shown.append(words, self._style(label))
                shown.append(f" {name} " if several else "", f"bold {self._style(label)}")
            place = end
        return shown.append(harmless(question.text[place:]))

    def numbered(self, question: Question) -> Text:
        """Return the words with their numbers from 1 on."""
        shown = Text()
        for number, (start, end) in enumerate(question.tokens, 1):
            shown.append(f"{number}", "cyan").append(f" {harmless(question.text[start:end])}  ")
        return shown

    def meta(self, question: Question) -> Text:
        """Return what the input says beside the text."""
        return Text(harmless("  ".join(f"{key}: {value}" for key, value in question.meta.items())), "dim")

    def _label(self, words: str, label: str) -> Text:
        words = harmless(words)
        return Text(f" {words} ", self._style(label)) if self._colour else Text(words)

    def _style(self, label: str) -> str:
        return self._styles.get(label, STYLES[0])


def why(question: Question) -> str:
    """Return why the question is asked, and how probable the model holds it."""
    said = {
        "pattern": "a pattern found it",
        "model": "the model proposes it",
        "probe": "drawn by chance, to measure the model",
        "follow-up": "a mark in this text was accepted",
        "source": "next in the input",
        "review": "the answers disagree",
    }[question.reason]
    if question.reason == "pattern":
        pattern = next((span.pattern for span in question.spans if span.pattern is not None), None)
        said = f"pattern {harmless(pattern)} found it" if pattern is not None else said
        right, wrong = question.record or (0, 0)
        said += f", right {right} of {right + wrong} times" if right + wrong else ", for the first time"
    if question.probability is not None:
        said += f"; the model: {percent(question.probability)} %"
    return f"({said})"


def stood(standing: SessionProgress) -> str:
    """Return in one line how a session stands."""
    said = f"{standing.answers} answered: {standing.accepted} accepted, {standing.rejected} rejected, "
    said += f"{standing.ignored} ignored"
    if standing.remaining is not None:
        said += f"; {standing.remaining} left"
    if standing.versions:
        said += f"; the model has learned from {standing.learned_from}"
    if standing.precision is not None:
        estimate = standing.precision
        said += (
            f"; precision about {percent(estimate.estimate)} % "
            f"({percent(estimate.low)} to {percent(estimate.high)})"
        )
    return said


def foretold(standing: SessionProgress) -> str:
    """Return in one line what is expected of the model, and what more answers are worth; empty: nothing."""
    if not standing.curve:
        return ""
    said = f"Expected F1 about {percent(standing.curve[-1][1])} %"
    if standing.next_gain is not None:
        said += f", and {points(standing.next_gain)} more after the next 100 answers"
    return f"{said}: an estimate from the model's probabilities and your answers, mostly too high"


def points(gain: float) -> str:
    """Return a gain of F1 in words, as its points."""
    return "next to nothing" if gain < NOTHING else f"about {100 * gain:.1f} points"


def agreed(agreement: Agreement) -> str:
    """Return in one line how far annotators agree."""
    pairs = [
        f"{one} and {other} {_figure('kappa', pair.kappa)} on {plural(pair.questions, 'question')}"
        for (one, other), pair in agreement.pairs.items()
    ]
    alpha = _figure("alpha", agreement.alpha)
    return f"agreement: {', '.join(pairs)}; all {alpha} on {plural(agreement.questions, 'question')}"


def _figure(name: str, value: float | None) -> str:
    return f"{name} {value:.2f}" if value is not None else f"no {name}, for nobody ever said anything else,"
