"""Texts with their entities marked: in colours in a terminal, else with brackets."""

from __future__ import annotations

from collections.abc import Sequence

from nerture.core.text.doc import Doc, Span
from nerture.core.text.match import Match
from nerture.terminal.text_format import harmless

COLOURS = (46, 43, 42, 45, 44, 41, 106, 103, 102, 105, 104, 101)
"""Background colours, cyan first, by their ANSI numbers."""


class Highlighter:
    """Formats texts with their entities; each label has its colour."""

    def __init__(self, labels: Sequence[str], colour: bool) -> None:
        self.colour = colour
        self._colours = {label: COLOURS[number % len(COLOURS)] for number, label in enumerate(labels)}

    def __call__(self, doc: Doc, items: Sequence[Span | Match]) -> str:
        """Return the text with ``items`` marked, which are ordered by start; spans with their score, if any.

        Overlapping items are listed below the text.
        """
        pieces: list[str] = []
        hidden: list[str] = []
        done = 0
        for item in items:
            start, end = int(doc.offsets[item.start, 0]), int(doc.offsets[item.end - 1, 1])
            if start < done:
                hidden.append(f"\n    also {self._mark(doc.text[start:end], item)}")
                continue
            pieces += harmless(doc.text[done:start]), self._mark(doc.text[start:end], item)
            done = end
        return "".join([*pieces, harmless(doc.text[done:]), *hidden])

    def _mark(self, text: str, item: Span | Match) -> str:
        text, label = harmless(text), harmless(item.label)
        tag = label
        if isinstance(item, Span) and item.score is not None:
            tag += f" {item.score:.2f}"
        if not self.colour:
            return f"[{text} {tag}]"
        number = self._colours.setdefault(label, COLOURS[len(self._colours) % len(COLOURS)])
        return f"\x1b[30;{number}m {text} \x1b[1m{tag} \x1b[0m"
