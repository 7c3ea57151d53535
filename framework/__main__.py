"""``nerture`` from the shell, and ``python -m nerture``."""

from __future__ import annotations

import sys

from nerture.process_tuning import delay_first_collection, skip_final_collection, use_one_blas_thread


def main() -> None:
    """Run the command line and exit with its exit code."""
    use_one_blas_thread()
    delay_first_collection()
    from nerture.cli.exit_codes import run

    code = run()
    skip_final_collection()
    sys.exit(code)


if __name__ == "__main__":
    main()
