"""Run a target under atheris: ``python -m tests.fuzz.run TARGET CORPUS_DIR [libFuzzer options]``.

See README.md for the build that makes it worth while.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

from .corpus import TARGETS, load_target, write_dictionary, write_seeds


def main(arguments: list[str]) -> None:
    """Fuzz until a limit among the options is reached, or an input fails."""
    if len(arguments) < 2 or arguments[0] not in TARGETS:
        raise SystemExit(f"usage: python -m tests.fuzz.run {{{','.join(TARGETS)}}} CORPUS_DIR [options]")
    name, corpus, *options = arguments
    with atheris.instrument_imports(include=["nerture"]):  # count Python's branches as well as compiled ones
        target = load_target(name)
    write_seeds(target.seeds, Path(corpus))
    with tempfile.TemporaryDirectory() as folder:
        dictionary = Path(folder) / "words.dict"
        write_dictionary(target.words, dictionary)
        # seeds stay although C code that is not instrumented tells little about them
        usual = [f"-dict={dictionary}", "-keep_seed=1", "-len_control=0"]
        atheris.Setup([sys.argv[0], *usual, *options, corpus], target.examine)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
