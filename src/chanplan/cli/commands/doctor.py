"""`chanplan doctor`."""

import sys

import click

from chanplan.app.doctor import doctor
from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import DURATION
from chanplan.execution.stopping import Stop, stop_on_signals
from chanplan.model.checkup import Weight
from chanplan.render.checkup import checkup_document, checkup_text, worst
from chanplan.render.escapes import json_text


@click.command(
    name="doctor",
    epilog="""\b
Examples:
  chanplan doctor                            everything: configuration, state, lock, services, objects, DNS, clocks
  chanplan doctor --offline                  only what is here, and the state
  chanplan doctor --format json > found.json

\b
Exit code 1 when there is an error among the findings, 0 otherwise.
""",
)
@click.option("--offline", is_flag=True, help="Call no service and ask no name server; the state is read.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--timeout",
    "seconds",
    type=DURATION,
    default="60s",
    show_default=True,
    help="Give up on a check after so long; the others go on.",
)
@click.pass_obj
def command(invocation: Invocation, *, offline: bool, form: str, seconds: float) -> int:
    """Look for what is wrong and say what to do. Changes nothing and takes no lock."""
    stop = Stop()
    with stop_on_signals(stop):
        diagnosis = doctor(
            invocation.config,
            invocation.environment,
            offline=offline,
            seconds=seconds,
            stop=stop,
            metrics=invocation.metrics,
            ahead=invocation.ahead,
        )
    findings = diagnosis.findings
    if form == "json":
        document = checkup_document(
            findings, workspace=diagnosis.workspace, version=diagnosis.version, at=diagnosis.at
        )
        click.echo(json_text(document))
    else:
        click.echo(
            checkup_text(findings, width=invocation.width, colour=invocation.colours(sys.stdout)), nl=False
        )
    return Exit.ERROR if worst(findings) is Weight.ERROR else Exit.DONE
