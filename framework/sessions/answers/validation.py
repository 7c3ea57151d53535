"""Checks of an answer's fields: names and numbers that every store can keep."""

from __future__ import annotations

import math

from nerture.core.annotations.json_rows import format_value, is_label
from nerture.errors import DataError
from nerture.sessions.answers.question import Answer

MAX_NAME_LENGTH = 200  # characters


def check_answer_fields(answer: Answer) -> None:
    """Raise ``DataError`` for an id, name, time or duration that cannot be stored."""
    check_name("answer: id", answer.id)
    check_name("annotator", answer.annotator)
    for name, value in (("time", answer.time), ("seconds", answer.seconds)):
        if value is not None:
            check_seconds(f"answer {answer.id}: {name}", value)


def check_name(what: str, name: str) -> None:
    """Raise ``DataError`` for a name that is not printable or is too long."""
    if not is_label(name) or len(name) > MAX_NAME_LENGTH:
        allowed = f"a printable text of {MAX_NAME_LENGTH} characters or fewer, without spaces around it"
        raise DataError(f"{what}: expected {allowed}, got {format_value(name)}")


def check_seconds(what: str, value: float) -> None:
    """Raise ``DataError`` for a time or duration that is negative or not finite."""
    if not (math.isfinite(value) and value >= 0):
        raise DataError(f"{what}: expected a number of seconds, got {value}")
