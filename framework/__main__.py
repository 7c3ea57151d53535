"""``nerture`` from the shell, and ``python -m nerture``."""

from __future__ import annotations

import os
import sys

from nerture.cli.ending import run


def main() -> None:
    """Run the command line and leave with its exit code.

    The matrices are small: on a busy machine, a second BLAS thread costs half the speed and more, and results
    would depend on the number of cores. So there is one thread, unless the user asks for more.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run())


if __name__ == "__main__":
    main()
