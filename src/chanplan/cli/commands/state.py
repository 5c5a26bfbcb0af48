"""`chanplan state …`: what is remembered, offline."""

import click

from chanplan.app.looking import remembered
from chanplan.app.states import Filter, states
from chanplan.cli.commands.show import response_of, text_of
from chanplan.cli.commands.state_changes import mv, rm
from chanplan.cli.commands.state_documents import pull_, push_
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.model.addresses import KIND_NAMES, Address
from chanplan.render.escapes import json_text
from chanplan.render.resources import list_item, resources_table


@click.group(
    name="state",
    epilog="""\b
Examples:
  chanplan state list                              everything
  chanplan state list --channel email --setup ses_setup.acme-mail
  chanplan state show use_case.receipts            what is remembered of one
  chanplan state mv use_case.a use_case.b          a rename in the state alone
  chanplan state rm use_case.old-line              forget it, don't delete it
  chanplan state pull --out state.json             a copy of everything; `state push` takes it
""",
)
def command() -> None:
    """List, show, move and forget what the state remembers, without any call."""


@command.command(name="list")
@click.option("--kind", type=click.Choice(KIND_NAMES), help="Only this kind.")
@click.option("--entity-name", help="Only use cases of this entity.")
@click.option("--channel", help="Only use cases of this channel.")
@click.option("--setup", type=ADDRESS, help="Only use cases of this setup.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def list_(
    invocation: Invocation,
    kind: str | None,
    entity_name: str | None,
    channel: str | None,
    setup: Address | None,
    form: str,
) -> int:
    """List resources."""
    with invocation.opened() as workspace:
        found = states(workspace, Filter(kind, entity_name, channel, setup))
    if form == "json":
        items = [
            list_item(seen.resource, seen.observation, seen.records, found.ids.get)
            | {"address": str(seen.resource.address)}
            for seen in found.resources
        ]
        click.echo(json_text({"items": items}))
    else:
        click.echo(
            resources_table(
                [seen.resource for seen in found.resources],
                {seen.resource.address: seen.observation for seen in found.resources if seen.observation},
            ),
            nl=False,
        )
    return Exit.DONE


@command.command()
@click.argument("address", type=ADDRESS)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def show(invocation: Invocation, address: Address, form: str) -> int:
    """Show one resource as it is remembered."""
    with invocation.opened() as workspace:
        (seen,) = remembered(workspace, [address])
        ids = states(workspace, Filter()).ids
        policies = workspace.configuration.tiers
    if form == "json":
        click.echo(json_text(response_of(seen, ids, policies)))
    else:
        click.echo(text_of(invocation, seen, policies), nl=False)
    return Exit.DONE


for each in (mv, rm, pull_, push_):
    command.add_command(each)
