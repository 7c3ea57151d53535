"""What one text costs: seconds from the shell to the first one, microseconds each later, and memory.

The later ones are a sentence of 25 words through ``model(text)``, over and over. Memory is that of a process
which has loaded the model and predicted all TEXTS, above that of one which has only imported numpy.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

SENTENCE = (
    "The committee in Geneva said on Tuesday that Maria Lindqvist would lead the new office in Oslo, "
    "where thirty people will work by June."
)


def resident() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def in_process(model_folder: Path, texts: Path) -> None:
    """Measure, in a process that has imported nothing yet, and print."""
    import numpy as np

    bare = resident()
    from nerture import load

    model = load(model_folder)
    model(SENTENCE)
    loaded = resident()
    count = 0
    with texts.open(encoding="utf-8") as lines:
        for _ in model.pipe(json.loads(line)["text"] for line in lines):
            count += 1
    print(f"memory above numpy: {loaded - bare:.1f} MB loaded", end="")
    print(f", {resident() - bare:.1f} MB after {count} texts")
    microseconds = []
    for _ in range(5000):
        start = time.perf_counter()
        model(SENTENCE)
        microseconds.append(1e6 * (time.perf_counter() - start))
    p50, p99 = np.percentile(microseconds, [50, 99])
    print(f"one text of {len(model(SENTENCE))} tokens: p50 {p50:.0f} us, p99 {p99:.0f} us")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path, metavar="TEXTS.jsonl")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        in_process(arguments.model, arguments.texts)
        return
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
        f"max {max(seconds):.3f}",
        flush=True,
    )
    inside = [sys.executable, __file__, str(arguments.model), str(arguments.texts), "--inside"]
    subprocess.run(inside, check=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})


if __name__ == "__main__":
    main()
