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
  chanplan init --ci github              workflows for the workspace that is here
""",
)
@click.option("--workspace", metavar="NAME", help="The workspace's name; that of the folder if not given.")
@click.option(
    "--ci",
    "platform",
    type=click.Choice(["github", "gitlab"]),
    help="Write workflows for the workspace that is here; its state must be shared.",
)
@click.pass_obj
def command(invocation: Invocation, workspace: str | None, platform: str | None) -> int:
    """Write a commented starter configuration and a .gitignore, or workflows for CI. Overwrites nothing."""
    if platform is not None:
        if workspace is not None:
            raise click.UsageError("--ci takes the workspace's name from the configuration that is there.")
        return _workflows(invocation, platform)
    for path in initialise(invocation.config, workspace):
        click.echo(f"Wrote {visible(str(path))}")
    click.echo("Next: look through it, then `chanplan --sandbox plan`.", err=True)
    return Exit.DONE


def _workflows(invocation: Invocation, platform: str) -> int:
    from chanplan.app.workflows import write_workflows

    written = write_workflows(invocation.config, platform, invocation.environment)
    for path in written.paths:
        click.echo(f"Wrote {visible(str(path))}")
    for todo in written.todo:
        click.echo(visible(todo), err=True)
    return Exit.DONE
