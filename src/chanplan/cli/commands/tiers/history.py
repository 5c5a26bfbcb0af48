"""`chanplan tiers history`."""

import sys

import click

from chanplan.app.tiering import tier_history
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.cli.paging import show
from chanplan.model.addresses import Address
from chanplan.render.escapes import json_text
from chanplan.render.tier_document import moves_document
from chanplan.render.tier_history import tier_history_text


@click.command(
    epilog="""\b
Examples:
  chanplan tiers history use_case.receipts                   its last moves, the latest first, with the evidence
  chanplan tiers history use_case.receipts --format json     for programs
"""
)
@click.argument("address", type=ADDRESS)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def history(invocation: Invocation, *, address: Address, form: str) -> int:
    """List the moves of a use case, as the state remembers them. Asks nobody."""
    with invocation.opened() as workspace:
        tier, moves = tier_history(workspace, address)
    if form == "json":
        click.echo(json_text(moves_document(str(address), tier, moves)))
    else:
        show(
            tier_history_text(
                address, tier, moves, width=invocation.width, colour=invocation.colours(sys.stdout)
            ),
            invocation,
        )
    return Exit.DONE
