"""`chanplan apply`."""

from collections.abc import Sequence
from pathlib import Path

import click

from chanplan.cli.applying import Manner, run_apply, run_resume
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import (
    AUTO_APPROVE,
    DURATION,
    EXPECT,
    LOCK_TIMEOUT,
    OUTCOME_FORMAT,
    PARALLELISM,
    REFRESH_ONLY,
    check_refresh_only,
    planning_options,
    request_of,
)
from chanplan.execution.deepening import CALLS
from chanplan.model.addresses import Address
from chanplan.model.plans import RefreshMode


@click.command(
    name="apply",
    epilog="""\b
Examples:
  chanplan apply                              show the plan, ask, carry it out
  chanplan apply --auto-approve --wait 20m    in CI; wait up to 20 minutes for DNS
  chanplan apply --expect sha256:…            the plan that was reviewed, or what remains of it
  chanplan apply reviewed.plan.json           likewise, from a saved plan
  chanplan apply --resume                     what is left of all that was approved so, and nothing else
  chanplan apply --refresh-only               let the state remember what somebody changed outside

\b
A shallow refresh doesn't compare tags, pools and associations of what is unchanged. Beside its work, and for
at most 30 seconds after it, an apply does so for a few resources; the next plan shows what differs.

\b
It exits 3 when something waits for a gate: run the same command again later, or with --wait.
""",
)
@click.argument("planfile", type=click.Path(path_type=Path), required=False)
@planning_options
@click.option("--destroy", is_flag=True, help="Delete everything in state.")
@REFRESH_ONLY
@AUTO_APPROVE
@EXPECT
@click.option("--resume", is_flag=True, help="Do what is left of earlier approvals, and nothing else.")
@click.option("--wait", type=DURATION, default="0s", show_default=True, help="Wait so long for gates.")
@PARALLELISM
@LOCK_TIMEOUT
@click.option(
    "--deepen",
    type=click.IntRange(0),
    default=CALLS,
    show_default=True,
    metavar="CALLS",
    help="Spend so many calls on a close look at what wasn't looked at for longest; 0 for none.",
)
@OUTCOME_FORMAT
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    planfile: Path | None,
    refresh: str,
    targets: Sequence[Address],
    allow_delete: Sequence[str],
    allow_replace: Sequence[Address],
    take_ownership: Sequence[Address],
    destroy: bool,
    refresh_only: bool,
    auto_approve: bool,
    expect: str | None,
    resume: bool,
    wait: float,
    parallelism: int,
    lock_timeout: float,
    deepen: int,
    form: str,
) -> int:
    """Carry out what the plan says, in dependency-safe order, as far as gates are open.

    Killed at any moment, it loses nothing: the next run goes on.
    """
    agreed = (*allow_delete, *allow_replace, *take_ownership)
    if planfile is not None and any((expect, targets, agreed, destroy, refresh_only)):
        raise click.UsageError("A plan file says itself what is done: give it without planning options.")
    if resume and any((planfile, expect, targets, agreed, destroy, refresh_only)):
        raise click.UsageError("What is left was approved as it is: give --resume without planning options.")
    request = request_of(
        targets=targets,
        allow_delete=allow_delete,
        allow_replace=allow_replace,
        take_ownership=take_ownership,
        destroy=destroy,
        refresh_only=refresh_only,
    )
    check_refresh_only(request, RefreshMode(refresh))
    if refresh_only and wait:
        raise click.UsageError("--refresh-only waits for no gate: give it without --wait.")
    manner = Manner(
        command="destroy" if destroy else "apply",
        mode=RefreshMode(refresh),
        auto_approve=auto_approve,
        expect=expect,
        planfile=planfile,
        wait=wait,
        parallelism=parallelism,
        lock_timeout=lock_timeout,
        deepen=deepen,
        form=form,
    )
    return run_resume(invocation, manner) if resume else run_apply(invocation, request, manner)
