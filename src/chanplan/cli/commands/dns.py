"""`chanplan dns …`: the records of setups."""

import click

from chanplan.app.dns import checked, listed
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.model.addresses import Address
from chanplan.render.dns import check_document, check_summary, check_text, records_text
from chanplan.render.escapes import json_text
from chanplan.render.zone_lines import records_bind, records_csv, records_json


@click.group(
    name="dns",
    epilog="""\b
Examples:
  chanplan dns records ses_setup.acme-mail                 what to publish, as a table
  chanplan dns records ses_setup.acme-mail --format bind   as lines for a zone file
  chanplan dns check ses_setup.acme-mail                   which one is wrong, and what to do
""",
)
def command() -> None:
    """List and check the DNS records that setups ask their domains' owners to publish."""


@command.command()
@click.argument("address", type=ADDRESS, required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "bind"]),
    default="table",
    show_default=True,
)
@click.pass_obj
def records(invocation: Invocation, address: Address | None, form: str) -> int:
    """List the records to publish, from the state, without any call."""
    with invocation.opened() as workspace:
        found = listed(workspace, address)
    entries = [entry for seen in found for entry in seen.entries]
    match form:
        case "json":
            click.echo(records_json(entries))
        case "csv":
            click.echo(records_csv(entries), nl=False)
        case "bind":
            click.echo(records_bind(entries), nl=False)
        case _:
            click.echo(records_text(entries, width=invocation.width), nl=False)
    return Exit.DONE


@command.command()
@click.argument("address", type=ADDRESS, required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def check(invocation: Invocation, address: Address | None, form: str) -> int:
    """Look the records up now, and say of each what was found and what to do."""
    with invocation.opened() as workspace:
        found = checked(workspace, address)
    if form == "json":
        setups = [check_document(seen.resource, seen.observation, seen.problem) for seen in found]
        click.echo(json_text({"setups": setups}))
    else:
        for seen in found:
            click.echo(
                check_text(seen.resource, seen.observation, seen.problem, width=invocation.width), nl=False
            )
        if len(found) > 1:
            entries = {seen.resource.address: seen.observation for seen in found}
            click.echo(check_summary(entries, width=invocation.width), nl=False)
    return Exit.ERROR if any(seen.problem for seen in found) else Exit.DONE
