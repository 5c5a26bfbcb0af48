"""`chanplan schema`."""

import click

from chanplan.app.schemas import SCHEMAS, schema
from chanplan.cli.exits import Exit
from chanplan.render.escapes import json_text


@click.command(
    name="schema",
    epilog="""\b
Examples:
  chanplan schema config > chanplan.schema.json    for an editor that completes and checks YAML
""",
)
@click.argument("name", type=click.Choice(SCHEMAS))
def command(name: str) -> int:
    """Print the JSON Schema of the configuration, of saved plans or of exported states."""
    click.echo(json_text(schema(name)))
    return Exit.DONE
