"""The starter lists, as JSON lines in the pattern language."""
