"""The k most probable analyses of a text, in rows and for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nerture.core.annotations.record import Record
from nerture.terminal.text_format import harmless

if TYPE_CHECKING:
    from nerture.models.constrained_learner import Analysis

FIELD = "alternatives"


def with_alternatives(record: Record, alternatives: Sequence[Analysis] | None) -> Record:
    """Return the record with its alternatives as a field of the row: ``[{"probability", "spans"}]``.

    Alternatives that the row already has are always removed: they belong to its former spans.
    """
    if alternatives is None:
        return replace(record, fields={key: record.fields[key] for key in record.fields if key != FIELD})
    rows = [
        {
            "probability": float(f"{analysis.probability:.6g}"),
            "spans": [
                {
                    "start": span.start_char,
                    "end": span.end_char,
                    "label": span.label,
                    "token_start": span.start,
                    "token_end": span.end - 1,
                }
                for span in analysis.spans
            ],
        }
        for analysis in alternatives
    ]
    return replace(record, fields={**record.fields, FIELD: rows})


def format_analysis(analysis: Analysis) -> str:
    """Return an analysis as a line for a terminal: its probability and its entities."""
    entities = ", ".join(f"{span.text} {span.label}" for span in analysis.spans) or "no entity"
    return harmless(f"    {analysis.probability:.3f}  {entities}").replace("\n", " ")
