"""The commands of teaching sessions: one per mode, all with the same options."""

from __future__ import annotations

from typing import Any

import click

from nerture.cli.session.arguments import session_options
from nerture.process_tuning import exclude_from_collections, include_in_collections

PIPELINE_HELP = """A PIPELINE (.yaml) with a section `session` can be given alone: the section sets
everything, and options override it. If it states another mode, start it with `nerture teach PIPELINE`.

"""
"""What the help of every mode but ``teach`` says about pipelines."""


def session_command(mode: str, short: str, text: str) -> click.Command:
    """Return the command of a mode; ``text`` is its help, with its own examples."""
    about, examples, rest = text.partition("\b\n")

    @click.command(
        mode,
        short_help=short,
        help=f"{about}{'' if mode == 'teach' else PIPELINE_HELP}{examples}{rest}",
    )
    @session_options
    def command(names: tuple[str, ...], format_name: str | None, local: str | None, **values: Any) -> None:
        with exclude_from_collections():
            from nerture.cli.session.resolve import resolve_args
            from nerture.cli.session.run import run_session

            args = resolve_args(mode, names, format_name, {**values, "plugins": local})
        try:
            run_session(args)
        finally:
            include_in_collections()

    return command


teach = session_command(
    "teach",
    "Teach a model by answering its questions.",
    """Ask about the texts of SOURCE what MODEL learns most from, and save the answers in DATASET.

A PIPELINE (.yaml) with a section `session` can be given alone: the section sets everything, mode included,
and options override it.

Questions are about single spans (is this a DRUG?) or whole texts (is everything marked right?), whichever is
worth more for the time it takes; --ask restricts them. Patterns bring the first questions. The model learns
while you answer, and asks about what it is unsure of. The page opens in your browser; --terminal asks here.

MODEL is a model folder, a pipeline file, or blank:en (the default) to start from nothing. SOURCE is a file of
texts in any format that nerture reads, or dataset:NAME. Every answer is saved at once: stop with Ctrl-C at
any time, and continue with the same command. The model is saved at the end.

\b
Examples:
  nerture teach drugs texts.txt --label DRUG --patterns drugs_patterns.jsonl
  nerture teach drugs model texts.jsonl --terminal
  nerture teach pipeline.yaml --terminal
  nerture teach pipeline.yaml --set session.probe_share=0
  nerture teach drugs blank:en texts.txt --label DRUG --host 0.0.0.0   from a phone, with a token
""",
)

correct = session_command(
    "correct",
    "Correct a model's predictions, text by text.",
    """Show each text of SOURCE with the entities that MODEL finds, for you to correct; save the answers in
DATASET.

Each text you answer is complete for the labels. The model learns from the answers while you continue.

\b
Examples:
  nerture correct drugs model texts.txt
  nerture correct drugs model texts.jsonl --label DRUG --terminal
""",
)

manual = session_command(
    "manual",
    "Annotate entities by hand, text by text.",
    """Show the texts of SOURCE in order, for you to mark their entities by hand; save the answers in DATASET.

Matches of --patterns are marked already.

\b
Examples:
  nerture manual drugs texts.txt --label DRUG,DOSE
  nerture manual drugs texts.txt --label DRUG --patterns drugs_patterns.jsonl
""",
)

retype = session_command(
    "retype",
    "Split a label into subtypes, one wording at a time.",
    """Give each entity of SOURCE with the label --label one of the labels --subtypes; save the answers in
DATASET.

SOURCE is annotated. Each wording is asked about once, the most frequent first. Flag or ignore a wording whose
label depends on the context: it is then asked about occurrence by occurrence.

\b
Examples:
  nerture retype regions places.jsonl --label PLACE --subtypes CITY,RIVER
  nerture retype regions dataset:places --label PLACE --subtypes CITY,RIVER
""",
)

gold = session_command(
    "gold",
    "Turn single answers into complete texts.",
    """Show each text of SOURCE with the best analysis that agrees with all answers about it, for you to
correct; save the complete texts in DATASET.

SOURCE holds answers, usually as dataset:NAME.

\b
Examples:
  nerture gold drugs-gold model dataset:drugs --label DRUG
  nerture gold drugs-gold answers.jsonl --label DRUG --patterns drugs_patterns.jsonl
""",
)

review = session_command(
    "review",
    "Settle disagreements between annotators.",
    """Show the texts of SOURCE that annotators disagree about, the strongest disagreement first, for you to
settle; save your answers in DATASET.

With a MODEL, texts whose annotation it considers wrong come next. Each question shows all opinions.

\b
Examples:
  nerture review drugs-final dataset:drugs --label DRUG
  nerture review drugs-final model annotated.jsonl
""",
)
