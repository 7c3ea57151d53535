"""``nerture correct``: a session in the mode ``correct``."""

from __future__ import annotations

from nerture.cli.session.session_command import session_command

command = session_command(
    "correct",
    "Correct what a model finds, text after text.",
    """Show the texts of SOURCE with what MODEL finds in them, to be mended, and keep the answers in DATASET.

Each answered text is complete for the labels. The model learns from the answers while you go on.

\b
Examples:
  nerture correct drugs model texts.txt
  nerture correct drugs model texts.jsonl --label DRUG --terminal
""",
)
