"""Bad rows found while tagging: counted, reported, and saved next to the output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nerture.cli.common.output import say
from nerture.core.annotations.record import Problem
from nerture.core.errors import Origin
from nerture.errors import DataError
from nerture.files.atomic_file import AtomicFile
from nerture.terminal.text_format import plural

MAX_SHOWN = 5


class RejectedLines:
    """Counts bad rows and saves them; if ``strict``, raises ``DataError`` at the first."""

    def __init__(self, strict: bool, file: AtomicFile | None) -> None:
        self.strict, self.file = strict, file
        self.rows = 0
        self._last: Origin | None = None

    def add(self, problem: Problem) -> None:
        """Add a problem; the first few are reported at once."""
        if self.strict:
            raise DataError(f"{problem} [{problem.code}]; nothing was written")
        if problem.origin != self._last:
            self._last = problem.origin
            self.rows += 1
            if self.rows <= MAX_SHOWN:
                say(f"skipped: {problem} [{problem.code}]")
        if self.file is not None:
            row = {
                "file": problem.origin.file,
                "line": problem.origin.line,
                "code": problem.code,
                "message": problem.message,
                "raw": problem.raw,
            }
            self.file.stream.write((json.dumps(row) + "\n").encode("ascii"))


def rejected_path(output: Path) -> Path:
    """Return the path for bad rows: ``OUT.rejected.jsonl``, without the output's own endings."""
    name = output.name.removesuffix(".gz")
    return output.with_name(f"{Path(name).stem}.rejected.jsonl")


@contextmanager
def open_rejected(strict: bool, output: Path | None) -> Iterator[RejectedLines]:
    """Yield a ``RejectedLines`` that writes next to ``output``; no file is left if there are no bad rows."""
    if output is None:
        rejected = RejectedLines(strict, None)
        yield rejected
    else:
        path = rejected_path(output)
        with AtomicFile(path) as file:
            rejected = RejectedLines(strict, file)
            yield rejected
            file.keep = rejected.rows > 0
        if not rejected.rows:
            path.unlink(missing_ok=True)
    if rejected.rows:
        saved = f"; they are in {rejected_path(output)}" if output else ""
        say(f"Skipped {plural(rejected.rows, 'bad row')}{saved}")
