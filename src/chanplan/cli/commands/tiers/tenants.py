"""`chanplan tiers stop-tenant` and `start-tenant`: the mail of a whole tenant, which no tier stops."""

from dataclasses import replace

import click

from chanplan.app.tenant_switch import TenantTask, switch_tenant
from chanplan.app.tenant_switch import start_tenant as starting
from chanplan.app.tenant_switch import stop_tenant as stopping
from chanplan.cli.invocation import Invocation
from chanplan.cli.moving_tiers import run_asked
from chanplan.cli.options import ADDRESS, AUTO_APPROVE, LOCK_TIMEOUT, OUTCOME_FORMAT, REASON
from chanplan.model.addresses import Address


@click.command(
    name="stop-tenant",
    epilog="""\b
Examples:
  chanplan tiers stop-tenant ses_setup.acme-mail --reason "CH-118: credentials leaked"

\b
SES accepts no mail of any use case of this setup until start-tenant. Tiers stay as they are.
""",
)
@click.argument("address", type=ADDRESS)
@REASON
@AUTO_APPROVE
@LOCK_TIMEOUT
@OUTCOME_FORMAT
@click.pass_obj
def stop_tenant(
    invocation: Invocation,
    *,
    address: Address,
    reason: str,
    auto_approve: bool,
    lock_timeout: float,
    form: str,
) -> int:
    """Stop all mail of the tenant of a setup."""
    return _run(invocation, stopping(address, reason), auto_approve, lock_timeout, form)


@click.command(
    name="start-tenant",
    epilog="""\b
Examples:
  chanplan tiers start-tenant ses_setup.acme-mail --reason "CH-118: new credentials"
""",
)
@click.argument("address", type=ADDRESS)
@REASON
@AUTO_APPROVE
@LOCK_TIMEOUT
@OUTCOME_FORMAT
@click.pass_obj
def start_tenant(
    invocation: Invocation,
    *,
    address: Address,
    reason: str,
    auto_approve: bool,
    lock_timeout: float,
    form: str,
) -> int:
    """Let the mail of a tenant that was stopped go on."""
    return _run(invocation, starting(address, reason), auto_approve, lock_timeout, form)


def _run(invocation: Invocation, task: TenantTask, auto_approve: bool, lock_timeout: float, form: str) -> int:
    return run_asked(
        invocation,
        task.command,
        auto_approve,
        lock_timeout,
        form,
        lambda stage: switch_tenant(
            stage.workspace, replace(task, lock_timeout=lock_timeout), stage.consent, stage.listener
        ),
    )
