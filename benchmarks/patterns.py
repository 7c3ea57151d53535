"""Precision, recall and F1 of a pattern file alone: drugs_patterns on drugs_eval."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    folder = parser.parse_args().data / "drugs"
    command = [sys.executable, "-m", "nerture", "evaluate", "--json"]
    command += [str(folder / "drugs_patterns.jsonl"), str(folder / "drugs_eval.jsonl")]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for name in ("precision", "recall", "f1"):
        print(f"{name:9s} {100 * report[name]:.1f}")


if __name__ == "__main__":
    main()
