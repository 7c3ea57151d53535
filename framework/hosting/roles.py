"""The roles in which a matcher's hits enter a pipeline: its key ``as``."""

from __future__ import annotations

FEATURE, QUESTION, WEAK, REQUIRE, FORBID = ROLES = ("feature", "question", "weak", "require", "forbid")
"""Input of the learner; questions of sessions; uncertain labels; and the two kinds of constraints."""

AT_PREDICTION = frozenset({FEATURE, REQUIRE, FORBID})
"""The roles of matchers that a model uses on every text, so it keeps copies of the files that they read."""
