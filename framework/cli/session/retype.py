"""``nerture retype``: a session in the mode ``retype``."""

from __future__ import annotations

from nerture.cli.session.session_command import session_command

command = session_command(
    "retype",
    "Split a label into subtypes, a word at a time.",
    """Give the entities of SOURCE that have the label of --label one of the labels of --subtypes.

SOURCE is annotated. Each wording is asked about once, the most frequent first; flag or ignore it where it
depends on the context, and it is asked about place by place.

\b
Examples:
  nerture retype regions places.jsonl --label PLACE --subtypes CITY,RIVER
  nerture retype regions dataset:places --label PLACE --subtypes CITY,RIVER
""",
)
