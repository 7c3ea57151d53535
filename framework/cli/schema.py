"""``nerture schema``: the form of a pipeline file, for editors."""

from __future__ import annotations

import click

from nerture.cli.common import options
from nerture.cli.common.output import print_json


@click.command("schema", short_help="Print the JSON schema of pipeline files.")
@options.plugins
def command(local: str | None) -> None:
    """Print the JSON schema of pipeline files, with the options of every plugin that is loaded.

    An editor that knows the schema completes and checks pipeline files: write it to a file and name it in the
    pipeline's first line.

    \b
    Examples:
      nerture schema > pipeline.schema.json
      # yaml-language-server: $schema=pipeline.schema.json        (first line of pipeline.yaml)
    """
    from nerture.config.schema import pipeline_schema

    print_json(pipeline_schema(options.manager_for(local).registry))
