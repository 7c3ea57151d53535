"""The command line in this process."""

from ...support.command_line import corpus_rows, data, files_in, model, project, rows_file, run, trained
from ...support.datasets import clicks, own_store

__all__ = [
    "clicks",
    "corpus_rows",
    "data",
    "files_in",
    "model",
    "own_store",
    "project",
    "rows_file",
    "run",
    "trained",
]  # fmt: skip
