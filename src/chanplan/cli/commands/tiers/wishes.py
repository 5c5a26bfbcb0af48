"""`chanplan tiers approve` and `suspend`: what an operator wants of one use case, whatever the evidence says."""

from dataclasses import replace

import click

from chanplan.app.tiering import TierTask, apply_tiers, approving, suspending
from chanplan.cli.invocation import Invocation
from chanplan.cli.moving_tiers import run_asked
from chanplan.cli.options import ADDRESS, AUTO_APPROVE, LOCK_TIMEOUT, OUTCOME_FORMAT, REASON
from chanplan.model.addresses import Address


@click.command(
    epilog="""\b
Examples:
  chanplan tiers approve use_case.offers     shows the move, and asks

\b
It begins anew at onboarding, never where it was. Refused while what suspended it still holds.
"""
)
@click.argument("address", type=ADDRESS)
@AUTO_APPROVE
@LOCK_TIMEOUT
@OUTCOME_FORMAT
@click.pass_obj
def approve(
    invocation: Invocation, *, address: Address, auto_approve: bool, lock_timeout: float, form: str
) -> int:
    """Let a use case out of suspension, back to onboarding."""
    return _run(invocation, approving(address), auto_approve, lock_timeout, form)


@click.command(
    epilog="""\b
Examples:
  chanplan tiers suspend use_case.offers --reason "CH-118: the list was bought"

\b
Its mail goes through SES's shared pool until an operator approves. To stop it altogether: tiers stop-tenant.
"""
)
@click.argument("address", type=ADDRESS)
@REASON
@AUTO_APPROVE
@LOCK_TIMEOUT
@OUTCOME_FORMAT
@click.pass_obj
def suspend(
    invocation: Invocation,
    *,
    address: Address,
    reason: str,
    auto_approve: bool,
    lock_timeout: float,
    form: str,
) -> int:
    """Suspend a use case now, whatever its figures say."""
    return _run(invocation, suspending(address, reason), auto_approve, lock_timeout, form)


def _run(invocation: Invocation, task: TierTask, auto_approve: bool, lock_timeout: float, form: str) -> int:
    return run_asked(
        invocation,
        task.command,
        auto_approve,
        lock_timeout,
        form,
        lambda stage: apply_tiers(
            stage.workspace, replace(task, lock_timeout=lock_timeout), stage.consent, stage.listener
        ),
    )
