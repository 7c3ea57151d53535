"""``nerture`` from the shell, and ``python -m nerture``."""

from __future__ import annotations

import os
import sys

from nerture.cli.ending import run


def main() -> None:
    """Run the command line and leave with its exit code.

    The network's products are nerture's own; what little numpy is left to multiply is not worth a second
    thread of its BLAS. So there is one, unless the user asks for more.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run())


if __name__ == "__main__":
    main()
