"""``nerture review``: a session in the mode ``review``."""

from __future__ import annotations

from nerture.cli.session.session_command import session_command

command = session_command(
    "review",
    "Settle what annotators disagree about.",
    """Show the texts of SOURCE about which annotators disagree, those furthest apart first, and keep in
DATASET what you settle.

Then come texts that MODEL holds to be labelled wrong, if there is a MODEL. The card tells every opinion.

\b
Examples:
  nerture review drugs-final dataset:drugs --label DRUG
  nerture review drugs-final model annotated.jsonl
""",
)
