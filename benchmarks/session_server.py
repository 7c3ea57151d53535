"""How long a teaching session's server keeps its annotator waiting, and how much memory it takes.

Starts ``nerture teach`` on the texts, answers over HTTP as an annotator to whom just that is an entity which
another model finds (by default, the one that the session starts with), and prints the seconds from the shell
to the first question, what a request for the next question takes, how long it takes until an answer is in
the model, and the server's memory.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from session_client import READY, Client, resolved

if TYPE_CHECKING:
    from nerture import Model

LOOKED = 0.1
"""Seconds from one look at the model to the next, while the annotator thinks."""


def megabytes(process: int) -> float:
    """Return the memory of a process that is its own, in MB."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return sum(int(kb) for kb in re.findall(r"Private_\w+:\s+(\d+) kB", rollup)) / 1000


def shares(seconds: list[float]) -> str:
    if not seconds:
        return "not seen: the annotator never waited (--think)"
    seconds = sorted(seconds)
    return ", ".join(
        f"p{share} {seconds[min(len(seconds) - 1, len(seconds) * share // 100)] * 1000:.1f}"
        for share in (50, 90, 99, 100)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=resolved, help="a model folder, or blank:")
    parser.add_argument("texts", type=resolved, help="raw texts to ask about")
    parser.add_argument("--annotator", type=resolved, help="the model that knows the answers")
    parser.add_argument("--patterns", type=resolved)
    parser.add_argument("--label")
    parser.add_argument("--answers", type=int, default=1000)
    parser.add_argument("--think", type=float, default=0.0, help="seconds that each answer takes")
    parser.add_argument("--ask", default="both")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "nerture", "teach",
            "bench", arguments.model, arguments.texts,
            "--port", "0", "--no-browser", "--store", f"{folder}/store.db", "-o", f"{folder}/out",
            "--ask", arguments.ask,
        ]  # fmt: skip
        for name in ("label", "patterns"):
            if getattr(arguments, name):
                command += [f"--{name}", getattr(arguments, name)]
        start = time.perf_counter()
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            run(server, start, arguments)
        finally:
            server.terminate()
            server.wait()


def run(server: subprocess.Popen[bytes], start: float, arguments: argparse.Namespace) -> None:
    assert server.stdout is not None
    port = None
    while port is None:
        line = server.stdout.readline()
        if not line:
            raise SystemExit("the server did not start")
        found = READY.search(line)
        port = int(found[1]) if found else None
    client = Client(port)
    question = client.post("questions")["questions"][0]
    print(f"first question after {time.perf_counter() - start:.2f} s")
    from nerture import load  # only now: what is imported here must not slow down the server's start

    annotator = load(arguments.annotator or arguments.model)
    asked: list[float] = []
    answered: list[float] = []
    learned: list[float] = []
    waiting: tuple[int, float] | None = None
    for count in range(1, arguments.answers + 1):
        thought = time.perf_counter() + arguments.think
        while (left := thought - time.perf_counter()) > 0:
            time.sleep(min(left, LOOKED))
            if waiting and client.post("standing")["all"]["learned_from"] >= waiting[0]:
                learned.append(time.perf_counter() - waiting[1])
                waiting = None
        answer = answer_of(annotator, question)
        began = time.perf_counter()
        client.post("answers", answers=[answer])
        saved = time.perf_counter()
        more = client.post("questions")["questions"]
        asked.append(time.perf_counter() - saved)
        answered.append(saved - began)
        waiting = waiting or (count, saved)
        if count % (arguments.answers // 10 or 1) == 0:
            versions = client.post("standing")["all"]["versions"]
            print(f"{count} answers: {megabytes(server.pid):.1f} MB, versions {versions}")
        if not more:
            break
        question = more[0]
    print(f"next question, ms: {shares(asked)}")
    print(f"answer saved, ms: {shares(answered)}")
    print(f"until an answer is in the model, ms: {shares(learned)}")


def answer_of(annotator: Model, question: dict[str, Any]) -> dict[str, Any]:
    """Accept what the annotator finds itself; all of it, of a whole text."""
    doc = annotator(question["text"])
    offsets = doc.offsets
    found = [[int(offsets[s.start, 0]), int(offsets[s.end - 1, 1]), s.label] for s in doc.spans]
    whole = question["kind"] == "text"
    asked = [[s["start"], s["end"], s["label"]] for s in question["spans"]]
    return {
        "id": uuid.uuid4().hex, "question": question["id"],
        "verdict": "accept" if whole or all(span in found for span in asked) else "reject",
        "seconds": 2.0, "time": time.time(), "spans": found if whole else None,
    }  # fmt: skip


if __name__ == "__main__":
    main()
