"""Marked entities in a terminal."""

from __future__ import annotations

from nerture import Doc
from nerture.core.text.match import Match


def test_entities_are_marked_and_nothing_steers_the_terminal():
    from nerture.terminal.highlight import Highlighter

    doc = Doc("Took \x1b]0;x\x07aspirin [red]now[/] .")
    start = doc.words.index("Took")
    span = doc.span(start, start + 1, "DR\x1bUG")
    assert Highlighter(["DRUG"], False)(doc, [span]) == "[Took DR␛UG] ␛]0;x␇aspirin [red]now[/] ."
    marked = Highlighter(["DRUG"], True)(doc, [span])
    assert marked.count("\x1b") == 3
    assert "\x1b]" not in marked
    overlapping = [Match(0, 2, "A", "1"), Match(1, 2, "B", "2")]
    assert Highlighter([], False)(Doc("New York"), overlapping) == "[New York A]\n    also [York B]"
