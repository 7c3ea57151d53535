"""``nerture gold``: a session in the mode ``gold``."""

from __future__ import annotations

from nerture.cli.session.session_command import session_command

command = session_command(
    "gold",
    "Make complete texts of single answers.",
    """Show each text of SOURCE with the best analysis that agrees with all answers about it, to be mended.

SOURCE holds answers, most often as dataset:NAME. What is accepted is complete, and kept in DATASET.

\b
Examples:
  nerture gold drugs-gold model dataset:drugs --label DRUG
  nerture gold drugs-gold answers.jsonl --label DRUG --patterns drugs_patterns.jsonl
""",
)
