"""`chanplan state pull` and `chanplan state push`."""

import sys
from pathlib import Path

import click

from chanplan.app.exchange import Unneeded, pull, push, read_document
from chanplan.app.files import write_file
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import LOCK_TIMEOUT
from chanplan.cli.progress import PlainProgress
from chanplan.render.escapes import visible
from chanplan.render.phrases import counted


@click.command(
    name="pull",
    epilog="""\b
Examples:
  chanplan state pull --out state.json           a copy, for you alone (mode 0600)
  chanplan state pull | chanplan --config new.yaml state push -
                                                 the same workspace, from one backend to another
""",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not to standard output."
)
@click.pass_obj
def pull_(invocation: Invocation, out: Path | None) -> int:
    """Print the whole state, with its history, as one JSON document. Takes no lock."""
    with invocation.opened() as workspace:
        text = pull(workspace)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_file(out, text)
        click.echo(f"Wrote {visible(str(out))}", err=True)
    return Exit.DONE


@click.command(
    name="push",
    epilog="""\b
Examples:
  chanplan state push state.json          what `state pull` wrote
  chanplan state push -                   from standard input

\b
It refuses a document that is older than the state, of another lineage or of a newer chanplan. A state that holds
nothing yet takes any lineage along.
""",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@LOCK_TIMEOUT
@click.pass_obj
def push_(invocation: Invocation, file: Path, lock_timeout: float) -> int:
    """Put a whole state in place of the present one, after a backup. Calls no service."""
    pushed = read_document(file)
    with invocation.opened() as workspace:
        done = push(workspace, pushed, lock_timeout, PlainProgress(sys.stderr))
    state = done.state
    if isinstance(done, Unneeded):
        click.echo(f"The state is that already: serial {state.serial}, lineage {state.lineage}.")
        return Exit.DONE
    click.echo(
        f"Pushed {counted(len(state.resources), 'resource')}: serial {state.serial}, lineage {state.lineage}."
    )
    if done.backup is not None:
        click.echo(f"Backup of what was there: {visible(str(done.backup))}")
    return Exit.DONE
