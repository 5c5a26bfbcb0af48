"""`chanplan unlock`."""

import click

from chanplan.app.unlocking import Unlocked, holding_of, unlock
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import AUTO_APPROVE
from chanplan.model.errors import Misused
from chanplan.model.holding import Holding
from chanplan.render.escapes import visible


@click.command(
    name="unlock",
    epilog="""\b
Examples:
  chanplan unlock                                      who holds the lock, and under which id; changes nothing
  chanplan unlock 2f6c1d0e9a7b4c35                     asks first
  chanplan unlock --auto-approve 2f6c1d0e9a7b4c35      in a script

\b
A run whose lock is broken writes nothing more, and the next one goes on where it was. Breaking the lock of a run that
works still is no way to stop it: Ctrl-C there lets it finish what it has begun.
""",
)
@click.argument("id", metavar="[ID]", required=False)
@AUTO_APPROVE
@click.pass_obj
def command(invocation: Invocation, *, id: str | None, auto_approve: bool) -> int:
    """Break the lock of a run that died without letting go of it."""
    if id is not None and not auto_approve and not invocation.interactive:
        raise Misused("`unlock` can't ask here, since there is no terminal.", remedy="Add `--auto-approve`.")

    def agree(holding: Holding) -> bool:
        if auto_approve:
            return True
        click.echo(f"Held by {visible(str(holding))}.", err=True)
        return click.confirm("Break this lock? That run will write nothing more.", err=True)

    with invocation.opened() as workspace:
        name = workspace.configuration.workspace
        if id is None:
            _show(name, holding_of(workspace))
            return Exit.DONE
        done = unlock(workspace, id, agree)
    if isinstance(done, Unlocked):
        click.echo(f"Broke the lock of {visible(str(done.holding))}.")
        click.echo("`chanplan apply` goes on with what that run had begun.")
        if not done.noted:
            click.echo("Another run has the lock already, so the history doesn't tell of this.", err=True)
        return Exit.DONE
    if done.holding is None:
        _show(name, None)
        return Exit.DONE
    click.echo("Nothing was done.", err=True)
    return Exit.ERROR


def _show(workspace: str, holding: Holding | None) -> None:
    if holding is None:
        click.echo(f"Nobody holds the lock of workspace {workspace}.")
        return
    click.echo(f"Workspace {workspace} is locked by {visible(str(holding))}.")
    click.echo(f"If that run doesn't go on any more: chanplan unlock {visible(holding.id)}")
