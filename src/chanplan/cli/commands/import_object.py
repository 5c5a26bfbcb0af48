"""`chanplan import`."""

import click

from chanplan.app.importing import entry_for
from chanplan.cli.applying import Manner, run_apply
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS, AUTO_APPROVE, LOCK_TIMEOUT
from chanplan.model.addresses import Address
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Request


@click.command(
    name="import",
    epilog="""\b
Examples:
  chanplan import ses_setup.acme-mail acme/mail.acme.example
  chanplan import sending_pool.txn acme-transactional
  chanplan import use_case.receipts acme_receipts
  chanplan import use_case.support-line AP0123456789abcdef0123456789abcdef
  chanplan import twilio_setup.acme-voice AC…/BU…

\b
The address is declared first: `chanplan discover` writes the YAML of what exists. In a configuration under
review, an `imports:` entry does the same; docs/import.md compares the two.
""",
)
@click.argument("address", type=ADDRESS)
@click.argument("id")
@click.option(
    "--take-ownership", is_flag=True, help="Take it though it carries the mark of another workspace."
)
@click.option(
    "--refresh",
    type=click.Choice([RefreshMode.SHALLOW.value, RefreshMode.DEEP.value]),
    default=RefreshMode.SHALLOW.value,
    show_default=True,
    help="How closely to look at what the object depends on.",
)
@AUTO_APPROVE
@LOCK_TIMEOUT
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    address: Address,
    id: str,
    take_ownership: bool,
    refresh: str,
    auto_approve: bool,
    lock_timeout: float,
) -> int:
    """Bring an object that exists under control: mark it, and make it as it is declared.

    Shows the plan first, with everything that would differ afterwards, and asks.
    """
    with invocation.opened() as workspace:
        entry = entry_for(workspace, address, id)
    if entry is None:
        click.echo(f"{address} is under control already: nothing to do.", err=True)
        return Exit.DONE
    return run_apply(
        invocation,
        Request(targets=(address,), take_ownership=frozenset({address} if take_ownership else ())),
        Manner(
            command="import",
            mode=RefreshMode(refresh),
            auto_approve=auto_approve,
            lock_timeout=lock_timeout,
        ),
        entry,
    )
