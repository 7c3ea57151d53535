"""``nerture schema``: prints the JSON schema of pipeline files, for editors."""

from __future__ import annotations

import click

from nerture.cli.common import options
from nerture.cli.common.output import print_json


@click.command("schema", short_help="Print the JSON schema of pipeline files.")
@options.plugins
def command(local: str | None) -> None:
    """Print the JSON schema of pipeline files, with the options of all loaded plugins.

    With the schema, an editor completes and validates pipeline files: save it to a file, and name the file in
    the first line of the pipeline.

    \b
    Examples:
      nerture schema > pipeline.schema.json
      # yaml-language-server: $schema=pipeline.schema.json        (first line of pipeline.yaml)
    """
    from nerture.config.schema import make_pipeline_schema

    print_json(make_pipeline_schema(options.load_plugins(local).registry))
