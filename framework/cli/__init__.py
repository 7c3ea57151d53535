"""The command line: one module a command, found by ``group``; ``ending`` makes exit codes of what happens."""
