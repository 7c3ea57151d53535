"""``nerture manual``: a session in the mode ``manual``."""

from __future__ import annotations

from nerture.cli.session.session_command import session_command

command = session_command(
    "manual",
    "Mark entities by hand, text after text.",
    """Show the texts of SOURCE one after the other, mark their entities by hand, and keep them in DATASET.

What --patterns find is marked already.

\b
Examples:
  nerture manual drugs texts.txt --label DRUG,DOSE
  nerture manual drugs texts.txt --label DRUG --patterns drugs_patterns.jsonl
""",
)
