"""``nerture`` from the shell, and ``python -m nerture``."""

from __future__ import annotations

import gc
import os
import sys

STARTED = 100_000
"""Objects at which starting is over: those of all that a command imports, and some."""


def main() -> None:
    """Run the command line and leave with its exit code.

    The network's products are nerture's own; what little numpy is left to multiply is not worth a second
    thread of its BLAS. So there is one, unless the user asks for more.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _collect_late()
    from nerture.cli.exit_codes import run

    code = run()
    gc.freeze()  # what there is goes with the process: Python need not look for garbage in it once more
    sys.exit(code)


def _collect_late() -> None:
    """Let Python look for garbage when starting is over, and then as always.

    What is imported stays: to look through it again and again is a twentieth of the time to a first answer.
    """
    usual = gc.get_threshold()

    def as_always(phase: str, info: dict[str, int]) -> None:
        gc.set_threshold(*usual)
        gc.callbacks.remove(as_always)

    gc.set_threshold(STARTED, *usual[1:])
    gc.callbacks.append(as_always)


if __name__ == "__main__":
    main()
