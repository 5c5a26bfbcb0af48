"""`chanplan sandbox submit|approve|reject|number`: Twilio's reviewers, and whoever buys numbers, played by hand."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from chanplan.app.profiles import NamedProfile, profiles_named
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.cli.sandboxing import controls
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.server import twilio_environment
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_APPLICATION = re.compile("AP[0-9a-fA-F]{32}")


@click.command()
@click.argument("addresses", type=ADDRESS, nargs=-1, required=True)
@click.pass_obj
def submit(invocation: Invocation, addresses: tuple[Address, ...]) -> int:
    """Hand the customer profiles of setups in for review, as their owner would."""
    with controls() as knobs:
        for named in _named(invocation, addresses).values():
            knobs.twilio.submit(named.profile, named.holder)
            click.echo(f"{named.profile} of {named.holder} is pending-review.")
    return Exit.DONE


@click.command()
@click.argument("addresses", type=ADDRESS, nargs=-1, required=True)
@click.option(
    "--valid-until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Let the approval lapse then (UTC, on the sandbox's clock).",
)
@click.pass_obj
def approve(invocation: Invocation, addresses: tuple[Address, ...], *, valid_until: datetime | None) -> int:
    """Approve the customer profiles of setups, as Twilio's people would."""
    until = None if valid_until is None else valid_until.replace(tzinfo=UTC)
    with controls() as knobs:
        for named in _named(invocation, addresses).values():
            knobs.twilio.approve(
                named.profile, named.holder, valid_until=None if until is None else until.timestamp()
            )
            lapses = "" if until is None else f", valid until {until.isoformat(timespec='seconds')}"
            click.echo(f"{named.profile} of {named.holder} is twilio-approved{lapses}.")
    return Exit.DONE


@click.command()
@click.argument("addresses", type=ADDRESS, nargs=-1, required=True)
@click.option(
    "--code",
    "codes",
    type=click.IntRange(10_000, 99_999),
    multiple=True,
    metavar="N",
    help="Why, by Twilio's number: 18602 is the business's registration. May be given more than once.",
)
@click.pass_obj
def reject(invocation: Invocation, addresses: tuple[Address, ...], *, codes: tuple[int, ...]) -> int:
    """Reject the customer profiles of setups, as Twilio's people would."""
    with controls() as knobs:
        for named in _named(invocation, addresses).values():
            knobs.twilio.reject(named.profile, named.holder, codes=codes)
            why = f" ({', '.join(map(str, codes))})" if codes else ""
            click.echo(f"{named.profile} of {named.holder} is twilio-rejected{why}.")
    return Exit.DONE


@click.command()
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@click.option(
    "--on", type=ADDRESS, metavar="SETUP", help="Whose account gets them; without it the sandbox's own."
)
@click.option(
    "--bound-to",
    "application",
    metavar="AP...",
    help="Bind them to this Application, as somebody else with access to the account might.",
)
@click.pass_obj
def number(
    invocation: Invocation, numbers: tuple[str, ...], *, on: Address | None, application: str | None
) -> int:
    """Give an account phone numbers, as somebody who buys them would. Those that it has stay what they are."""
    for each in numbers:
        if not _E164.fullmatch(each):
            raise click.UsageError(f"'{each}' isn't a number in E.164, such as +14155550100.")
    if application is not None and not _APPLICATION.fullmatch(application):
        raise click.UsageError(f"'{application}' isn't an Application's SID: AP and 32 hex digits.")
    account = MAIN_ACCOUNT if on is None else _named(invocation, (on,))[on].account
    with controls() as knobs:
        for each in numbers:
            try:
                sid = knobs.twilio.add_number(each, account)
            except SandboxError as error:
                raise Misused(str(error), remedy="Choose another number.", code="sandbox") from error
            if application is not None:
                knobs.twilio.bind_number(each, application)
            bound = "" if application is None else f", bound to {application}"
            click.echo(f"{account} has {each} ({sid}){bound}.")
    return Exit.DONE


def _named(invocation: Invocation, addresses: tuple[Address, ...]) -> Mapping[Address, NamedProfile]:
    # What `--sandbox` sets for other commands: so the same configuration leads to the same account here.
    environment = {**invocation.environment, **twilio_environment()}
    return profiles_named(invocation.config, environment, addresses)
