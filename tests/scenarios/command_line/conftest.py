"""The command line in this process."""

from ...support.command_line import corpus_rows, data, files_in, model, project, rows_file, run, trained

__all__ = ["corpus_rows", "data", "files_in", "model", "project", "rows_file", "run", "trained"]
