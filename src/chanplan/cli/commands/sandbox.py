"""`chanplan sandbox …`: the local services, and the people around them."""

import json
import os
import stat
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click

from chanplan.app.dns import records_of
from chanplan.cli.commands import sandbox_reputation as reputation
from chanplan.cli.commands import sandbox_twilio as twilio
from chanplan.cli.commands.sandbox_metrics import metrics
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS, DURATION
from chanplan.cli.sandboxing import SANDBOX_DIRECTORY, controls
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.records import DnsRecord
from chanplan.render.escapes import visible
from chanplan.render.phrases import counted
from chanplan.sandbox.controls import Status
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.mail_controls import MailHolding
from chanplan.sandbox.server import Sandbox, twilio_environment
from chanplan.sandbox.state.faults import Fault, FaultKind


@click.group(
    name="sandbox",
    epilog="""\b
Examples:
  chanplan --sandbox apply --auto-approve      make it on the local services
  chanplan sandbox publish ses_setup.acme      play the customer who publishes the records
  chanplan sandbox publish --all               play all of them
  chanplan sandbox approve twilio_setup.acme   play Twilio's people who approve its profile
  chanplan sandbox reject twilio_setup.acme --code 18602
  chanplan sandbox number +14155550100         give the account a number
  chanplan sandbox metrics set use_case.receipts --sends 500 --bounces 3 --days 14
  chanplan sandbox findings open ses_setup.acme BOUNCE --impact high
  chanplan sandbox pause ses_setup.acme        play AWS that stops its tenant's mail
  chanplan sandbox faults add throttle --match 'sesv2:Create*' --times 3
  chanplan sandbox clock 73h                   move on; SES stops looking after 72 hours
  chanplan sandbox clock 30d                   move on; with --sandbox, tiers age too
  chanplan sandbox start                       run it for other tools, until Ctrl-C
""",
)
def command() -> None:
    """Run and steer the local services that `--sandbox` uses. Their state is in .chanplan/sandbox."""


@command.command()
def start() -> int:
    """Serve in the foreground and print the environment that leads other tools here."""
    SANDBOX_DIRECTORY.mkdir(parents=True, exist_ok=True)
    try:
        with Sandbox(SANDBOX_DIRECTORY) as sandbox:
            for name, value in sorted(sandbox.environment().items()):
                click.echo(f"export {name}={value}")
            click.echo("Serving until Ctrl-C.", err=True)
            try:
                _wait()
            except KeyboardInterrupt:
                return Exit.DONE
    except SandboxError as error:
        raise Misused(
            str(error), remedy=f"Delete {SANDBOX_DIRECTORY} to begin anew.", code="sandbox"
        ) from error
    return Exit.DONE


def _wait() -> None:
    """Return when whoever holds the other end of a pipe lets go of it; else never. A script's background has no input at all."""
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        sys.stdin.read()
    else:
        threading.Event().wait()


@command.command()
@click.argument("addresses", type=ADDRESS, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="The records of every setup that is made.")
@click.option("--skip", type=int, multiple=True, metavar="N", help="Forget the Nth record, as people do.")
@click.pass_obj
def publish(
    invocation: Invocation, addresses: tuple[Address, ...], *, everything: bool, skip: tuple[int, ...]
) -> int:
    """Publish the DNS records of setups, as their domains' owners would."""
    found = _records(invocation, addresses, everything=everything)
    kept = {
        address: [record for number, record in enumerate(records, 1) if number not in skip]
        for address, records in found.items()
    }
    with controls() as knobs:
        knobs.publish(_zone_records(kept))
    click.echo(f"Published {_counted(kept)}.")
    return Exit.DONE


@command.command()
@click.argument("addresses", type=ADDRESS, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="The records of every setup that is made.")
@click.pass_obj
def unpublish(invocation: Invocation, addresses: tuple[Address, ...], *, everything: bool) -> int:
    """Withdraw the DNS records of setups."""
    found = _records(invocation, addresses, everything=everything)
    with controls() as knobs:
        knobs.unpublish(_zone_records(found))
    click.echo(f"Withdrew {_counted(found)}.")
    return Exit.DONE


for each in (
    twilio.submit,
    twilio.approve,
    twilio.reject,
    twilio.number,
    metrics,
    reputation.findings,
    reputation.pause,
    reputation.reinstate,
    reputation.impact,
):
    command.add_command(each)


@command.command()
@click.argument("by", type=DURATION, required=False)
def clock(by: float | None) -> int:
    """Show the sandbox's clock, or move it on BY a duration such as 73h."""
    with controls() as knobs:
        now = knobs.now() if by is None else knobs.advance(by)
    click.echo(datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"))
    return Exit.DONE


@command.group()
def faults() -> None:
    """List, add and clear faults that the services play."""


@faults.command(name="list")
def list_faults() -> int:
    """List the faults in the order in which they are tried."""
    with controls() as knobs:
        for fault in knobs.faults():
            click.echo(_fault_line(fault))
    return Exit.DONE


@faults.command(name="add")
@click.argument("kind", type=click.Choice([kind.value for kind in FaultKind]))
@click.option(
    "--match", default="*", show_default=True, help="Operations (sesv2:Create*) or, for DNS, names."
)
@click.option("--after", type=click.IntRange(0), default=0, show_default=True, help="Let so many pass first.")
@click.option("--times", type=click.IntRange(1), help="Strike so often; without it, for ever.")
@click.option("--probability", type=click.FloatRange(0, 1), default=1.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Where the draws begin.")
@click.option("--seconds", type=click.FloatRange(0), default=60.0, show_default=True)
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True, help="For quota."
)
def add_fault(
    kind: str,
    *,
    match: str,
    after: int,
    times: int | None,
    probability: float,
    seed: int,
    seconds: float,
    rate: float,
) -> int:
    """Add a fault."""
    fault = Fault(
        FaultKind(kind),
        match=match,
        after=after,
        times=times,
        probability=probability,
        seed=seed,
        seconds=seconds,
        rate=rate,
    )
    with controls() as knobs:
        knobs.add_fault(fault)
    click.echo(_fault_line(fault))
    return Exit.DONE


@faults.command(name="clear")
def clear_faults() -> int:
    """Remove all faults."""
    with controls() as knobs:
        knobs.clear_faults()
    return Exit.DONE


@command.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--calls", "with_calls", is_flag=True, help="Show how often each operation was called.")
def status(form: str, *, with_calls: bool) -> int:
    """Show what the services hold."""
    with controls() as knobs:
        now = knobs.status()
    click.echo(_status_json(now) if form == "json" else _status_text(now, with_calls=with_calls))
    return Exit.DONE


@command.command()
def reset() -> int:
    """Forget everything: objects, mail, DNS zone, faults, clock."""
    with controls() as knobs:
        knobs.reset()
    return Exit.DONE


def _records(
    invocation: Invocation, addresses: Sequence[Address], *, everything: bool
) -> Mapping[Address, Sequence[DnsRecord]]:
    if bool(addresses) is everything:
        raise click.UsageError("Name setups, such as ses_setup.acme-mail, or give --all.")
    # What `--sandbox` sets for other commands: a configuration that names the account by it can be read here too.
    environment = {**invocation.environment, **twilio_environment()}
    with invocation.opened(environment=environment) as workspace:
        return records_of(workspace, addresses)


def _zone_records(found: Mapping[Address, Sequence[DnsRecord]]) -> list[ZoneRecord]:
    return [
        ZoneRecord(record.name, record.type.value, record.value)
        for records in found.values()
        for record in records
    ]


def _counted(found: Mapping[Address, Sequence[DnsRecord]]) -> str:
    whose = str(*found) if len(found) == 1 else counted(len(found), "setup")
    return f"{counted(sum(map(len, found.values())), 'record')} of {whose}"


def _fault_line(fault: Fault) -> str:
    times = "for ever" if fault.times is None else f"{fault.times} times"
    return f"{fault.kind.value} {visible(fault.match)}, {times}, after {fault.after}"


def _status_text(now: Status, *, with_calls: bool) -> str:
    lines = [f"clock   {datetime.fromtimestamp(now.now, UTC).isoformat(timespec='seconds')}"]
    if not now.holdings:
        lines.append("objects none")
    for holding in now.holdings:
        names = ", ".join(visible(name) for name in holding.names[:5])
        more = f" and {holding.count - 5} more" if holding.count > 5 else ""
        lines.append(f"{holding.kind} in {holding.account} {holding.region}: {holding.count} ({names}{more})")
    lines.extend(f"mail    {_mail_line(each)}" for each in now.mail)
    lines.append(f"records {now.records} published")
    lines.extend(f"fault   {_fault_line(fault)}" for fault in now.faults)
    if with_calls:
        lines.extend(f"{count:7} {operation}" for operation, count in sorted(now.calls.items()))
    return "\n".join(lines)


def _mail_line(each: MailHolding) -> str:
    sets = f"{counted(each.days, 'day')} of {counted(each.sets, 'configuration set')}"
    return f"{sets} in {each.account} {each.region}, VDM {'on' if each.vdm else 'off'}"


def _status_json(now: Status) -> str:
    return json.dumps(
        {
            "now": datetime.fromtimestamp(now.now, UTC).isoformat(timespec="seconds"),
            "objects": [
                {
                    "account": holding.account,
                    "region": holding.region,
                    "kind": holding.kind,
                    "count": holding.count,
                    "names": list(holding.names),
                }
                for holding in now.holdings
            ],
            "mail": [asdict(each) for each in now.mail],
            "records": now.records,
            "faults": [_fault_line(fault) for fault in now.faults],
            "calls": now.calls,
        },
        indent=2,
    )
