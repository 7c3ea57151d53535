"""``nerture teach``: a session in the mode ``teach``."""

from __future__ import annotations

from nerture.cli.session.session_command import session_command

command = session_command(
    "teach",
    "Teach a model by answering its questions.",
    """Ask about the texts of SOURCE what teaches MODEL most, and keep the answers in DATASET.

A PIPELINE (.yaml) with a section `session` says all of this itself, and `nerture teach PIPELINE` starts the
session as it stands there, in its mode. Options given here win over the section.

It asks about single marks (is this a DRUG?) and about whole texts (is everything marked right?), whichever
is worth more for the time that it takes; --ask restricts it. Patterns bring the first questions; the model
learns while you answer, and asks what it is unsure of. The page opens in the browser; --terminal asks here.

MODEL is a model folder, a pipeline file, or blank:en (the default) to begin from nothing. SOURCE is a file of
texts in any format that nerture reads, or dataset:NAME. Answers are on disk as soon as they are given: stop
with Ctrl-C and begin again with the same command, at any time. At the end the model is saved.

\b
Examples:
  nerture teach drugs texts.txt --label DRUG --patterns drugs_patterns.jsonl
  nerture teach drugs model texts.jsonl --terminal
  nerture teach pipeline.yaml --terminal
  nerture teach pipeline.yaml --set session.probe_share=0
  nerture teach drugs blank:en texts.txt --label DRUG --host 0.0.0.0   for a phone, with a token
""",
)
