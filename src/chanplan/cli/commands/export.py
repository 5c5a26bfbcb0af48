"""`chanplan export`."""

from collections.abc import Sequence
from pathlib import Path

import click

from chanplan.app.export import exported
from chanplan.app.files import SHARED, file_exists, write_file
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS
from chanplan.model.addresses import Address
from chanplan.render.escapes import visible
from chanplan.render.export_yaml import export_yaml
from chanplan.render.phrases import counted


@click.command(
    name="export",
    epilog="""\b
Examples:
  chanplan export                                   the YAML of all that the HTTP API made
  chanplan export --out tenants/api.yaml            into a file to include
  chanplan export ses_setup.api-0a1b2c3d4e5f        of one resource, with what it stands on
""",
)
@click.argument("addresses", metavar="[ADDRESS]...", type=ADDRESS, nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the YAML to a file that doesn't exist yet.",
)
@click.pass_obj
def command(invocation: Invocation, *, addresses: Sequence[Address], out: Path | None) -> int:
    """Write the YAML that declares what the HTTP API made. Reads the state alone."""
    if out is not None and (out.exists() or out.is_symlink()):
        raise file_exists(out)
    with invocation.opened() as workspace:
        resources = exported(workspace, addresses)
        text = export_yaml(resources, workspace.configuration.workspace)
    if out is None:
        click.echo(text, nl=False)
    elif not resources:
        click.echo(f"{visible(str(out))} wasn't written: there is nothing to export.", err=True)
    else:
        write_file(out, text, SHARED, new=True)
        click.echo(
            f"Wrote {visible(str(out))}: {counted(len(resources), 'resource')}. "
            f"Name it under `include:` in {visible(str(invocation.config))} and review `chanplan plan`.",
            err=True,
        )
    return Exit.DONE
