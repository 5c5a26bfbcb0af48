"""Stopping all mail of a tenant, and letting it go on: an operator's last resort, in a plan like any other change."""

from dataclasses import dataclass

from chanplan.app.carrying_out import Consent, Outcome
from chanplan.app.guarding import check_workspace, meant
from chanplan.app.operator_words import checked_reason
from chanplan.app.preview import refused
from chanplan.app.tier_gathering import read_directly
from chanplan.app.tier_rounds import Planned, carry_out_under_lock, settled
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.events import Listener
from chanplan.model.handovers import open_handover
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Snapshot
from chanplan.model.tier_facts import switch_of
from chanplan.model.tier_moves import TenantSwitch
from chanplan.planning.tenant_plan import make_tenant_plan


@dataclass(frozen=True, slots=True)
class TenantTask:
    """Which tenant to stop or start, and why."""

    address: Address
    """Of its setup."""
    stops: bool
    reason: str
    lock_timeout: float = 0.0

    @property
    def command(self) -> str:
        """What the history calls it."""
        return "tiers stop-tenant" if self.stops else "tiers start-tenant"


def stop_tenant(address: Address, reason: str) -> TenantTask:
    """Stop all mail of the tenant of a setup. Raises `Misused` for a reason that can't be kept."""
    return TenantTask(address, True, checked_reason(reason))


def start_tenant(address: Address, reason: str) -> TenantTask:
    """Let the mail of the tenant of a setup go on. Raises `Misused` for a reason that can't be kept."""
    return TenantTask(address, False, checked_reason(reason))


def switch_tenant(
    workspace: Workspace, task: TenantTask, consent: Consent | None, listener: Listener
) -> Outcome:
    """Stop a tenant or start it. With `consent`, the plan, with all that it stops, is shown first.

    Raises:
        Locked: another run holds the workspace.
        StateError: the state can't be read or written.
        Misused: the address isn't that of an SES setup in the state.
        Refused: something changed since the plan was shown.
    """
    return carry_out_under_lock(
        workspace,
        task.command,
        task.lock_timeout,
        None,
        lambda: _planned(workspace, task, listener),
        consent,
        listener,
    )


def _planned(workspace: Workspace, task: TenantTask, listener: Listener) -> Planned:
    loaded = workspace.store.load()
    check_workspace(workspace.configuration, loaded)
    handover = open_handover(loaded)
    snapshot = settled(workspace, loaded, listener)
    setup = _setup(snapshot, task.address)
    now = workspace.clock.now()
    last = switch_of(setup)
    switch = TenantSwitch(task.stops, task.reason, workspace.holder, now, None if last is None else last.at)
    reading = read_directly(workspace, [setup], now)
    plan = make_tenant_plan(workspace.configuration, snapshot, setup, switch, reading, now, workspace.costs)
    return Planned(plan if handover is None else refused(plan, handover), snapshot)


def _setup(snapshot: Snapshot, address: Address) -> ResourceState:
    found = snapshot.resources.get(address)
    if address.kind == "ses_setup" and found is not None and found.complete:
        return found
    setups = [each for each in snapshot.resources if each.kind == "ses_setup"]
    if found is None:
        raise Misused(
            f"{address} isn't in the state.",
            remedy=meant(address, setups) + "See `chanplan state list` for what there is.",
            code="unknown_address",
        )
    raise Misused(
        f"{address} has no tenant: only SES setups that are made have one.",
        remedy=meant(address, setups) + "Name the setup whose mail is to stop.",
        code="no_tenant",
    )
