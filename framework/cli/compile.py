"""``nerture compile``: pattern files as one that is matched at once."""

from __future__ import annotations

from pathlib import Path

import click

from nerture.cli.common import options
from nerture.cli.common.output import print_json, say
from nerture.terminal.text_format import plural, size


@click.command("compile", short_help="Make pattern files ready for matching.")
@click.argument("patterns", metavar="PATTERNS...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="FILE", required=True, help="The compiled patterns.")
@click.option(
    "--tokenizer",
    metavar="NAME",
    default="english",
    show_default=True,
    help="What cuts the texts into tokens, and so the phrases.",
)
@options.plugins
@options.as_json
def command(patterns: tuple[str, ...], output: str, tokenizer: str, local: str | None, as_json: bool) -> None:
    """Make the pattern files PATTERNS ready for matching, as one file.

    The file takes the place of theirs wherever patterns are matched. A hundred thousand phrases are read from
    it in a twentieth of a second. It is for texts that the same tokenizer cuts, and is used as a whole;
    compile it again when the patterns change.

    \b
    Examples:
      nerture compile drugs.jsonl -o drugs.compiled
      nerture compile starter:countries cities.jsonl -o places.compiled
      nerture match drugs.compiled texts.txt
    """
    from nerture.files.atomic_file import AtomicFile
    from nerture.hosting.services import HostServices
    from nerture.patterns import compile_patterns, load_patterns, to_bytes

    registry = options.manager_for(local).registry
    cut = registry.create("tokenizer", tokenizer, {}, HostServices(registry, (), Path.cwd()), "--tokenizer")
    compiled = compile_patterns(load_patterns(patterns), cut)
    content = to_bytes(compiled)
    with AtomicFile(Path(output)) as file:
        file.stream.write(content)
    if as_json:
        print_json({"patterns": len(compiled), "labels": list(compiled.labels), "bytes": len(content)})
    else:
        labels = ", ".join(compiled.labels)
        say(f"{output}: {plural(len(compiled), 'pattern')} ({labels}), {size(len(content))}")
