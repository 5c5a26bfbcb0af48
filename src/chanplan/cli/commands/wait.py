"""`chanplan wait`."""

import sys

import click

from chanplan.app.waiting import wait
from chanplan.cli.exits import Exit, worst
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import ADDRESS, DURATION
from chanplan.cli.progress import progress
from chanplan.execution.stopping import Stop, stop_on_signals
from chanplan.model.addresses import Address
from chanplan.model.gates import GateState
from chanplan.render.gates import gates_text

_CODES = {GateState.OPEN: Exit.DONE, GateState.FAILED: Exit.ERROR}


@click.command(
    name="wait",
    epilog="""\b
Examples:
  chanplan wait --timeout 30m                       until every setup's DNS is verified
  chanplan wait --for ses_setup.acme-mail           until one is

\b
It exits 0 when all gates are open, 3 when one still waits or expired, 1 when one failed.
""",
)
@click.option("--for", "address", type=ADDRESS, help="Wait for this setup, or this use case's.")
@click.option("--timeout", type=DURATION, default="10m", show_default=True, help="Wait at most so long.")
@click.pass_obj
def command(invocation: Invocation, address: Address | None, timeout: float) -> int:
    """Poll gates until they open. Changes nothing."""
    stop = Stop()
    with (
        stop_on_signals(stop),
        invocation.opened(stop=stop) as workspace,
        progress(
            "text", sys.stderr, is_terminal=sys.stderr.isatty(), colour=invocation.colours(sys.stderr)
        ) as listener,
    ):
        gates = wait(workspace, address, timeout, listener)
    click.echo(gates_text(gates, width=invocation.width), nl=False)
    if stop.asked:
        return Exit.INTERRUPTED
    return worst(Exit.DONE, *(_CODES.get(gate.state, Exit.WAITING) for gate in gates))
