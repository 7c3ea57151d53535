"""Contract checks for authors of plugins: each uses a part as the host would.

A check raises ``AssertionError`` with what the part did and what the contract expects. ``load_plugin``
registers a plugin on its own, ``make_part`` makes one of its parts from options as in a pipeline file.
"""

from nerture.testing.checks import (
    check_loss,
    check_matcher,
    check_reader,
    check_sorter,
    check_source,
    check_tokenizer,
    check_writer,
    load_plugin,
    make_part,
)

__all__ = [
    "check_loss",
    "check_matcher",
    "check_reader",
    "check_sorter",
    "check_source",
    "check_tokenizer",
    "check_writer",
    "load_plugin",
    "make_part",
]
