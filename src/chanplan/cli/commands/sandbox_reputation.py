"""`chanplan sandbox findings|pause|reinstate|impact`: what AWS thinks of a tenant, and does about it, played by hand."""

import click

from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.cli.sandboxed_places import knobs_or_misused, tenants_of
from chanplan.model.addresses import Address
from chanplan.render.escapes import visible
from chanplan.render.phrases import counted
from chanplan.sandbox.services.ses.findings import IMPACTS, TENANT_TYPES

_KIND = click.Choice(TENANT_TYPES, case_sensitive=False)
_SETUPS = click.argument("setups", type=ADDRESS, nargs=-1, required=True)


@click.group(
    epilog="""\b
Examples:
  chanplan sandbox findings open ses_setup.acme-mail BOUNCE --impact high
  chanplan sandbox findings close ses_setup.acme-mail
  chanplan sandbox findings list ses_setup.acme-mail

The impact of a tenant is that of its worst open finding. A finding pauses nobody: `sandbox pause` does.
"""
)
def findings() -> None:
    """Open, close and list what AWS found about the tenants of setups."""


@findings.command(name="open")
@click.argument("setup", type=ADDRESS)
@click.argument("kind", type=_KIND, metavar="TYPE")
@click.option(
    "--impact",
    type=click.Choice(IMPACTS, case_sensitive=False),
    default="LOW",
    show_default=True,
    help="How bad it is.",
)
@click.option("--says", help="Its description; words of the sandbox's own, if not given.")
@click.pass_obj
def open_finding(invocation: Invocation, setup: Address, kind: str, impact: str, says: str | None) -> int:
    """Open a finding about a setup's tenant, or give an open one another impact. TYPE is BOUNCE, COMPLAINT, FEEDBACK_3P or IP_LISTING."""
    with knobs_or_misused() as knobs:
        for address, place in tenants_of(invocation, knobs, (setup,)).items():
            knobs.mail.open_finding(place, kind, impact, says)
            click.echo(f"{address}: AWS found {kind}, impact {impact}, about tenant {visible(place.name)}.")
    return Exit.DONE


@findings.command()
@click.argument("setup", type=ADDRESS)
@click.argument("kind", type=_KIND, required=False, metavar="[TYPE]")
@click.pass_obj
def close(invocation: Invocation, setup: Address, kind: str | None) -> int:
    """Close a setup's open findings, or the one of a type."""
    with knobs_or_misused() as knobs:
        for address, place in tenants_of(invocation, knobs, (setup,)).items():
            number = knobs.mail.close_findings(place, kind)
            click.echo(f"{address}: {counted(number, 'finding')} closed.")
    return Exit.DONE


@findings.command(name="list")
@_SETUPS
@click.pass_obj
def list_findings(invocation: Invocation, setups: tuple[Address, ...]) -> int:
    """List the findings about setups' tenants, open and fixed."""
    with knobs_or_misused() as knobs:
        for address, place in tenants_of(invocation, knobs, setups).items():
            found = knobs.mail.findings(place)
            for each in found:
                click.echo(
                    f"{address}: {each['Type']}, impact {each['Impact']}, {each['Status']}: {visible(str(each['Description']))}"
                )
            if not found:
                click.echo(f"{address}: nothing was found.")
    return Exit.DONE


@click.command()
@_SETUPS
@click.option("--cause", help="What AWS says why.")
@click.pass_obj
def pause(invocation: Invocation, setups: tuple[Address, ...], cause: str | None) -> int:
    """Stop the sending of setups' tenants, as AWS itself does. Every use case of theirs stands still."""
    with knobs_or_misused() as knobs:
        for address, place in tenants_of(invocation, knobs, setups).items():
            knobs.mail.pause(place, cause)
            click.echo(f"{address}: AWS paused tenant {visible(place.name)}.")
    return Exit.DONE


@click.command()
@_SETUPS
@click.pass_obj
def reinstate(invocation: Invocation, setups: tuple[Address, ...]) -> int:
    """End AWS's pause of setups' tenants. It shows as reinstated while findings are open."""
    with knobs_or_misused() as knobs:
        for address, place in tenants_of(invocation, knobs, setups).items():
            status = knobs.mail.reinstate(place)
            click.echo(f"{address}: AWS lets tenant {visible(place.name)} send; its status is {status}.")
    return Exit.DONE


@click.command()
@click.argument("setup", type=ADDRESS)
@click.argument("level", type=click.Choice(["NONE", *IMPACTS], case_sensitive=False))
@click.pass_obj
def impact(invocation: Invocation, setup: Address, level: str) -> int:
    """Give a setup's tenant an impact that its findings don't explain, until one opens or closes."""
    with knobs_or_misused() as knobs:
        for address, place in tenants_of(invocation, knobs, (setup,)).items():
            knobs.mail.set_impact(place, level)
            click.echo(f"{address}: the reputation impact of tenant {visible(place.name)} is {level}.")
    return Exit.DONE
