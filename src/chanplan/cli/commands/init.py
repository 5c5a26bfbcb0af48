"""`chanplan init`."""

import click

from chanplan.app.init import initialise
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.render.escapes import visible


@click.command(
    name="init",
    epilog="""\b
Examples:
  chanplan init                          chanplan.yaml for a workspace named after the folder
  chanplan init --workspace acme-prod    with another name
""",
)
@click.option("--workspace", metavar="NAME", help="The workspace's name; that of the folder if not given.")
@click.pass_obj
def command(invocation: Invocation, workspace: str | None) -> int:
    """Write a commented starter configuration and a .gitignore. Overwrites nothing."""
    for path in initialise(invocation.config, workspace):
        click.echo(f"Wrote {visible(str(path))}")
    click.echo("Next: look through it, then `chanplan --sandbox plan`.", err=True)
    return Exit.DONE
