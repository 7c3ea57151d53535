"""Compares what a benchmark printed with the figures that the documentation states.

``benchmarks/results/SCRIPT.json`` holds these figures. Each has a regular expression for the
``line`` of the output that shows it, and says whether more or less of it is ``better``.

    python benchmarks/speed.py DATA | tee speed.txt
    python benchmarks/compare.py speed speed.txt
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
APART = 0.05
"""A ratio that is this far from 1 on the worse side is marked."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A stored figure and the new one, which is None if the output does not have it."""

    name: str
    stored: float
    new: float | None
    unit: str
    better: str

    @property
    def ratio(self) -> float | None:
        """The new figure divided by the stored one, or None."""
        return self.new / self.stored if self.new is not None and self.stored else None

    @property
    def worse(self) -> bool:
        """Whether the new figure is worse by more than chance would have it most of the time."""
        if self.ratio is None:
            return False
        return {"more": self.ratio < 1 - APART, "less": self.ratio > 1 + APART}.get(self.better, False)


def find_figures(stored: Path, output: str) -> list[Figure]:
    """Find the figures of a stored result in what the benchmark has printed."""
    figures = []
    for name, entry in json.loads(stored.read_text(encoding="utf-8"))["figures"].items():
        line = re.search(entry["line"], output, re.MULTILINE)
        new = float(line[1].replace(",", "")) if line else None
        figures.append(Figure(name, entry["value"], new, entry["unit"], entry["better"]))
    return figures


def main() -> None:
    known = sorted(path.stem for path in RESULTS.glob("*.json"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("script", choices=known, metavar="SCRIPT", help=", ".join(known))
    parser.add_argument("output", help="the file with what it printed, or - for standard input")
    arguments = parser.parse_args()
    output = (
        sys.stdin.read() if arguments.output == "-" else Path(arguments.output).read_text(encoding="utf-8")
    )
    found = find_figures(RESULTS / f"{arguments.script}.json", output)
    width = max(len(figure.name) for figure in found)
    print(f"{'':{width}s} {'stored':>12s} {'new':>12s} {'ratio':>6s}")
    for figure in found:
        new = "-" if figure.new is None else f"{figure.new:,.10g}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        mark = " worse" if figure.worse else ""
        print(f"{figure.name:{width}s} {figure.stored:12,.10g} {new:>12s} {ratio:>6s} {figure.unit}{mark}")
    if all(figure.new is None for figure in found):
        sys.exit(f"nothing of benchmarks/{arguments.script}.py is in {arguments.output}")


if __name__ == "__main__":
    main()
