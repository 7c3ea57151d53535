"""Entities shown in their text: coloured in a terminal, in brackets elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from nerture.core.text.doc import Doc, Span
from nerture.core.text.match import Match
from nerture.terminal.text_format import harmless

COLOURS = (46, 43, 42, 45, 44, 41, 106, 103, 102, 105, 104, 101)
"""Background colours, cyan first, by their ANSI numbers."""


class Highlighter:
    """Shows texts with their entities; each label has its colour."""

    def __init__(self, labels: Sequence[str], colour: bool) -> None:
        self.colour = colour
        self._colours = {label: COLOURS[number % len(COLOURS)] for number, label in enumerate(labels)}

    def __call__(self, doc: Doc, found: Sequence[Span | Match]) -> str:
        """Return the text with ``found`` marked, in order of their start, with their score if they have one.

        Overlapping ones come below.
        """
        pieces: list[str] = []
        hidden: list[str] = []
        place = 0
        for item in found:
            start, end = int(doc.offsets[item.start, 0]), int(doc.offsets[item.end - 1, 1])
            if start < place:
                hidden.append(f"\n    also {self._marked(doc.text[start:end], item)}")
                continue
            pieces += harmless(doc.text[place:start]), self._marked(doc.text[start:end], item)
            place = end
        return "".join([*pieces, harmless(doc.text[place:]), *hidden])

    def _marked(self, text: str, item: Span | Match) -> str:
        text, label = harmless(text), harmless(item.label)
        said = label
        if isinstance(item, Span) and item.score is not None:
            said += f" {item.score:.2f}"
        if not self.colour:
            return f"[{text} {said}]"
        number = self._colours.setdefault(label, COLOURS[len(self._colours) % len(COLOURS)])
        return f"\x1b[30;{number}m {text} \x1b[1m{said} \x1b[0m"
