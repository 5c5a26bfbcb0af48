"""`chanplan state mv` and `chanplan state rm`."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from chanplan.app.forgetting import Forgetting, forget
from chanplan.app.handing_over import HandedOver, hand_over
from chanplan.app.renaming import rename
from chanplan.app.workspace import Workspace
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS, AUTO_APPROVE, LOCK_TIMEOUT
from chanplan.cli.progress import PlainProgress
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.render.escapes import visible
from chanplan.render.phrases import counted


@click.command(
    name="mv",
    epilog="""\b
Examples:
  chanplan state mv use_case.receipt-mail use_case.receipts            a rename
  chanplan state mv ses_setup.globex --to ../globex/chanplan.yaml      split: a setup and its use cases
  chanplan state mv --all --to ../merged/chanplan.yaml                 merge

\b
Killed half-way, --to leaves a state that refuses to be changed until the same command has ended what was begun.
""",
)
@click.argument("origin", metavar="[FROM]", type=ADDRESS, required=False)
@click.argument("target", metavar="[TO]", type=ADDRESS, required=False)
@click.option(
    "--to",
    "other",
    type=click.Path(path_type=Path),
    metavar="CONFIG",
    help="Move it, and what refers to it, into the state of the workspace of this root file.",
)
@click.option("--all", "everything", is_flag=True, help="With --to: move everything.")
@LOCK_TIMEOUT
@click.pass_obj
def mv(
    invocation: Invocation,
    *,
    origin: Address | None,
    target: Address | None,
    other: Path | None,
    everything: bool,
    lock_timeout: float,
) -> int:
    """Give a resource another address, or another workspace. Calls no service."""
    if everything and (other is None or origin is not None):
        raise click.UsageError("--all goes with --to CONFIG, and without addresses.")
    if not everything and (origin is None or (target is None and other is None)):
        raise click.UsageError("Give FROM and TO, or FROM and --to CONFIG.")
    with invocation.opened() as workspace:
        if other is not None:
            with invocation.opened(config=other) as taking:
                done = hand_over(workspace, taking, origin, target, lock_timeout, PlainProgress(sys.stderr))
                _tell_handed_over(done, workspace, taking)
        elif origin is not None and target is not None:
            _rename(workspace, origin, target, lock_timeout)
    return Exit.DONE


def _rename(workspace: Workspace, origin: Address, target: Address, lock_timeout: float) -> None:
    done = rename(workspace, origin, target, lock_timeout, PlainProgress(sys.stderr))
    click.echo(f"Renamed {origin} to {target} in the state.")
    if done.referring:
        click.echo(f"What refers to it followed: {_listed(done.referring)}")
    _tell_backups((done.backup,))
    click.echo(
        "In a configuration under review, this entry does the same:\n"
        f"  moved: [{{from: {origin}, to: {target}}}]"
    )
    if origin in workspace.configuration.resources:
        click.echo(f"The configuration declares {origin} still: rename it there too, before the next plan.")


def _tell_handed_over(done: HandedOver, giving: Workspace, taking: Workspace) -> None:
    here, there = giving.configuration.workspace, taking.configuration.workspace
    if done.resumed:
        click.echo("An earlier command had begun this; it is done now.")
    click.echo(f"Moved {counted(len(done.names), 'resource')} from workspace {here} to {there}:")
    for old, new in done.names.items():
        click.echo(f"  {old}" if old == new else f"  {old} -> {new}")
    _tell_backups(done.backups)
    if done.undeclared:
        click.echo(f"Declare in {there}, or its next plan deletes them: {_listed(done.undeclared)}")
    if done.declared:
        click.echo(f"Take out of {here}, or its next plan makes them anew: {_listed(done.declared)}")


@click.command(
    name="rm",
    epilog="""\b
Examples:
  chanplan state rm use_case.old-line                      asks first
  chanplan state rm --auto-approve use_case.a use_case.b   in a script

\b
At the services nothing is changed. In a configuration under review, `removed:` with `destroy: false` does the same.
""",
)
@click.argument("addresses", metavar="ADDRESS...", type=ADDRESS, nargs=-1, required=True)
@AUTO_APPROVE
@LOCK_TIMEOUT
@click.pass_obj
def rm(
    invocation: Invocation, addresses: tuple[Address, ...], *, auto_approve: bool, lock_timeout: float
) -> int:
    """Forget resources: chanplan manages them no more, and they stay as they are. Calls no service."""
    if not auto_approve and not invocation.interactive:
        raise Misused(
            "`state rm` can't ask here, since there is no terminal.", remedy="Add `--auto-approve`."
        )

    def agree(told: Forgetting) -> bool:
        for intent in told.begun:
            click.echo(
                f"An earlier run began to {intent.kind.value} {intent.address}, and what became of it isn't known. "
                "`chanplan apply` would look; forgotten, nobody does.",
                err=True,
            )
        if auto_approve:
            return True
        click.echo(f"To be forgotten: {_listed(told.addresses)}", err=True)
        return click.confirm("Forget, and leave everything at the services as it is?", err=True)

    with invocation.opened() as workspace:
        done = forget(workspace, addresses, agree, lock_timeout, PlainProgress(sys.stderr))
    if done is None:
        click.echo("Nothing was done.", err=True)
        return Exit.ERROR
    click.echo(f"Forgot {_listed(done.imports)}. At the services nothing was changed.")
    _tell_backups((done.backup,))
    click.echo("To bring under control again:\n  imports:")
    for address, identifier in done.imports.items():
        click.echo(f'    - {{to: {address}, id: "{visible(identifier)}"}}')
    if done.declared:
        click.echo(f"The configuration declares still, so take out or import: {_listed(done.declared)}")
    return Exit.DONE


def _listed(addresses: Iterable[Address]) -> str:
    return ", ".join(map(str, addresses))


def _tell_backups(paths: Iterable[Path]) -> None:
    for path in paths:
        click.echo(f"Backup of what was there: {visible(str(path))}")
