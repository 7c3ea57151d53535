"""What a terminal shows of a session."""

from __future__ import annotations

from nerture.terminal.show import Show, explain

from ...support.memory_session import span_question

TEXT = "Wild garlic grows near Bath."


def test_every_reason_has_words():
    for reason in ("pattern", "model", "probe", "follow-up", "source", "review"):
        assert explain(span_question(TEXT, 0, 4, reason=reason, probability=None)).startswith("(")
    assert Show(("A",), False).format_meta(span_question(TEXT, 0, 4)).plain == ""
