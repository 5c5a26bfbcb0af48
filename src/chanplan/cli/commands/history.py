"""`chanplan history`."""

import click

from chanplan.app.states import history
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.render.escapes import json_text
from chanplan.render.history import history_document, history_text


@click.command(
    name="history",
    epilog="""\b
Examples:
  chanplan history                              the latest 20 runs, newest first
  chanplan history --limit 1 --format json      the latest, for a program
""",
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(invocation: Invocation, limit: int, form: str) -> int:
    """List the runs so far: when, by whom, under which digest, with which result, and how much waited."""
    with invocation.opened() as workspace:
        runs, holding = history(workspace, limit)
    if form == "json":
        click.echo(json_text({"runs": history_document(runs, holding)}))
    else:
        click.echo(history_text(runs, holding), nl=False)
    return Exit.DONE
