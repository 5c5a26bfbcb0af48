"""`chanplan tiers status`."""

import sys

import click

from chanplan.app.tiering import TierTask, evaluate
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.cli.paging import show
from chanplan.cli.progress import progress
from chanplan.model.addresses import Address
from chanplan.render.escapes import json_text
from chanplan.render.problems import problems_text
from chanplan.render.tier_document import status_document
from chanplan.render.tier_status import standing_text, status_text
from chanplan.render.tier_words import LADDER


@click.command(
    epilog="""\b
Examples:
  chanplan tiers status                      all email use cases
  chanplan tiers status --tier suspended     those that somebody must see to
  chanplan tiers status use_case.receipts    one of them, with all that stands before its promotion
  chanplan tiers status --format json        with the evidence, for programs
"""
)
@click.argument("addresses", metavar="[ADDRESS]...", type=ADDRESS, nargs=-1)
@click.option("--tier", type=click.Choice(LADDER), help="Only use cases at this tier.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def status(invocation: Invocation, *, addresses: tuple[Address, ...], tier: str | None, form: str) -> int:
    """Show where each use case stands: its tier, its mail, its rates, and what its next promotion lacks. Changes nothing."""
    with (
        invocation.opened() as workspace,
        progress(
            "text" if form == "text" else "none",
            sys.stderr,
            is_terminal=sys.stderr.isatty(),
            colour=invocation.colours(sys.stderr),
        ) as listener,
    ):
        made = evaluate(workspace, TierTask(targets=addresses, foretold=True), listener)
        policies = workspace.configuration.tiers
    review, problems = made.review, made.plan.diagnostics
    fine = invocation.draws(sys.stdout)
    if form == "json":
        click.echo(json_text(status_document(review, tier=tier, problems=problems)))
    elif addresses:
        rows = [row for row in review.rows if tier is None or row.tier == tier]
        show(standing_text(rows, policies, width=invocation.width, colour=fine), invocation)
    else:
        show(status_text(review, policies, tier=tier, width=invocation.width, colour=fine), invocation)
    if problems and form == "text":
        click.echo(problems_text(problems), err=True)
    return Exit.DONE
