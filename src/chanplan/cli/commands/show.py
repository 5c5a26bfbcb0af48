"""`chanplan show`."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from chanplan.app.looking import Seen, look
from chanplan.app.plan_files import read_plan_file
from chanplan.app.states import Filter, states
from chanplan.cli.commands.plan import check_limit, rendered
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.paging import show
from chanplan.model.addresses import KIND_NAMES, Address, parse_address
from chanplan.model.errors import Misused
from chanplan.model.tier_policy import TierPolicies
from chanplan.model.values import Value
from chanplan.render.escapes import json_text
from chanplan.render.resources import resource_text, response
from chanplan.render.senders import sender_output

_CAUTION = (
    "Its changes are those that its digest stands for. What it says of losses, refusals, warnings and drift is the "
    "file's own word; an apply works it out anew, and does nothing that the file doesn't list."
)


@click.command(
    name="show",
    epilog="""\b
Examples:
  chanplan show ses_setup.acme-mail                 read live, and stored as an observation
  chanplan show use_case.receipts --format json     in the Channel Manager's response shape
  chanplan show reviewed.plan.json                  a saved plan
""",
)
@click.argument("what", metavar="PLANFILE|ADDRESS")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True
)
@click.option(
    "--comment-limit",
    type=click.IntRange(min=4000),
    help="Cut a plan's Markdown to so many characters and bytes.",
)
@click.pass_obj
def command(invocation: Invocation, what: str, form: str, comment_limit: int | None) -> int:
    """Show a saved plan, or a resource as the services have it now."""
    check_limit(comment_limit, form)
    address = parse_address(what)
    if address is None and not Path(what).exists():
        raise Misused(
            f"{what} is neither a file nor an address.",
            remedy=f"Name a saved plan, or an address such as use_case.receipts; its kind is one of {', '.join(KIND_NAMES)}.",
        )
    if address is None or Path(what).exists():
        plan = read_plan_file(Path(what)).plan
        told = rendered(invocation, plan, form, comment_limit)
        if form == "text":
            show(told, invocation)
        else:
            click.echo(told, nl=False)
        click.echo(_CAUTION, err=True)
        return Exit.DONE
    if form == "markdown":
        raise click.UsageError("A resource is shown as text or json.")
    with invocation.opened() as workspace:
        (seen,) = look(workspace, [address])
        ids = states(workspace, Filter()).ids
        policies = workspace.configuration.tiers
    if seen.problem is not None:
        raise Misused(seen.problem.message, remedy=seen.problem.remedy, code=seen.problem.code)
    if seen.gone:
        raise Misused(
            f"{address} isn't at the service any more.",
            remedy="See `chanplan plan` for what that means.",
            code="gone",
        )
    if form == "json":
        click.echo(json_text(response_of(seen, ids, policies)))
    else:
        click.echo(text_of(invocation, seen, policies), nl=False)
    return Exit.DONE


def response_of(seen: Seen, ids: Mapping[Address, str], policies: TierPolicies) -> Mapping[str, Value]:
    """Give a resource in the specification's response shape, and what whoever sends its mail must know."""
    return response(seen.resource, seen.observation, seen.records, ids.get) | sender_output(
        seen.resource, policies
    )


def text_of(invocation: Invocation, seen: Seen, policies: TierPolicies) -> str:
    """Give a resource as text for a terminal."""
    return resource_text(
        seen.resource,
        seen.observation,
        seen.records,
        width=invocation.width,
        colour=invocation.colours(sys.stdout),
        sender=sender_output(seen.resource, policies),
    )
