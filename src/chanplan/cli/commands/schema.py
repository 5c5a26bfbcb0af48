"""`chanplan schema`."""

from collections.abc import Mapping

import click

from chanplan.app.schemas import SCHEMAS, schema
from chanplan.cli.exits import Exit
from chanplan.cli.extras import api_needed
from chanplan.render.escapes import json_text

API = "api"


@click.command(
    name="schema",
    epilog="""\b
Examples:
  chanplan schema config > chanplan.schema.json    for an editor that completes and checks YAML
  chanplan schema api > openapi.json               the description of the HTTP API, OpenAPI 3.1
""",
)
@click.argument("name", type=click.Choice([*SCHEMAS, API]))
def command(name: str) -> int:
    """Print the JSON Schema of the configuration, of saved plans or of exported states, or the description of the HTTP API."""
    click.echo(json_text(_api() if name == API else schema(name)))
    return Exit.DONE


def _api() -> Mapping[str, object]:
    with api_needed():
        from chanplan.api.application import description
    return description()
