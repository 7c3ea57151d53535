"""Seconds from the shell to the first tagged text, and the size of the model folder."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    size = sum(path.stat().st_size for path in arguments.model.rglob("*") if path.is_file())
    print(f"size {size / 1e6:.2f} MB")
    command = [sys.executable, "-m", "nerture", "apply", str(arguments.model), "-"]
    seconds = []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        subprocess.run(command, input=b"The first text.\n", check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    print(
        f"seconds to the first text: min {min(seconds):.3f}, median {statistics.median(seconds):.3f}, "
        f"max {max(seconds):.3f}"
    )


if __name__ == "__main__":
    main()
