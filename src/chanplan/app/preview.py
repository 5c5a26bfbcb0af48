"""Making a plan of a workspace as it is now. Writes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chanplan.app.guarding import check_workspace, handover_open
from chanplan.app.workspace import Workspace
from chanplan.execution.recovery import Examination, examine, with_settlements
from chanplan.execution.refresh import refresh
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.errors import Misused, ProviderError
from chanplan.model.events import Listener
from chanplan.model.handovers import Handover, open_handover
from chanplan.model.plans import Plan, RefreshMode, Refusal
from chanplan.model.problems import Problem, Severity
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Desired
from chanplan.model.scopes import Scope
from chanplan.model.settlements import Ambiguous
from chanplan.model.snapshots import Snapshot
from chanplan.planning.imports import pending_imports
from chanplan.planning.moves import MovedSnapshot, with_moves
from chanplan.planning.planner import make_plan
from chanplan.planning.turning_back import turned_back, with_turned_back
from chanplan.planning.unfinished import with_unfinished
from chanplan.render.phrases import counted


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan and what it was made from."""

    plan: Plan
    configuration: Configuration
    """With the accounts that were resolved for it."""
    moved: MovedSnapshot
    reading: Reading
    request: Request
    ambiguous: tuple[Ambiguous, ...]
    unexamined: tuple[Problem, ...]
    """Why it isn't known what became of some open intents."""
    snapshot: Snapshot
    """As loaded, but for a handover that was begun and not ended."""
    handover: Handover | None = None


def preview(workspace: Workspace, request: Request, mode: RefreshMode, listener: Listener) -> Preview:
    """Read state and services, and plan. Open intents of a killed run are settled in memory only.

    Raises:
        StateUnreadable: the state can't be read, or belongs to another workspace.
        Misused: a target isn't declared nor in state.
        ProviderError: nobody could say which account an alias reaches.
    """
    loaded = workspace.store.load()
    check_workspace(workspace.configuration, loaded)
    handover = open_handover(loaded)
    snapshot = (
        loaded
        if handover is None
        else replace(loaded, intents=tuple(each for each in loaded.intents if each.id != handover.id))
    )
    configuration = with_accounts(workspace, snapshot, online=mode is not RefreshMode.NONE)
    examination = (
        Examination((), ())
        if mode is RefreshMode.NONE
        else examine(snapshot, workspace.providers, workspace.clock, workspace.parallelism)
    )
    settled = with_settlements(snapshot, examination.settlements)
    moved = with_moves(settled, configuration.moved)
    if not request.destroy:
        back = turned_back(moved.snapshot, configuration.resources, {})
        moved = replace(moved, snapshot=with_turned_back(moved.snapshot, back))
        configuration = with_unfinished(configuration, moved.snapshot)
    _check_targets(request, configuration, moved.snapshot)
    reading = refresh(
        configuration,
        moved.snapshot,
        workspace.providers,
        workspace.checker,
        workspace.clock,
        mode,
        listener,
        workspace.parallelism,
        number_books=workspace.number_books,
    )
    ambiguous = examination.ambiguous
    plan = make_plan(
        configuration, moved, reading, request, workspace.clock.now(), workspace.costs, ambiguous
    )
    plan = _with_notes(
        plan, workspace, (*examination.problems, *_unused(request, configuration, moved.snapshot))
    )
    return Preview(
        plan=plan if handover is None else refused(plan, handover),
        configuration=configuration,
        moved=moved,
        reading=reading,
        request=request,
        ambiguous=ambiguous,
        unexamined=examination.problems,
        snapshot=snapshot,
        handover=handover,
    )


def replanned(workspace: Workspace, made: Preview, request: Request) -> Preview:
    """Plan again from the same reading, for another request."""
    plan = make_plan(
        made.configuration,
        made.moved,
        made.reading,
        request,
        made.plan.created_at,
        workspace.costs,
        made.ambiguous,
    )
    plan = _with_notes(plan, workspace, made.unexamined)
    return replace(
        made, plan=plan if made.handover is None else refused(plan, made.handover), request=request
    )


def refused(plan: Plan, handover: Handover) -> Plan:
    """Give a plan that nothing of may be done before a handover has ended."""
    error = handover_open(handover)
    refusal = Refusal(error.code, min(handover.names), error.message, error.remedy)
    return replace(plan, refusals=(*plan.refusals, refusal))


def _with_notes(plan: Plan, workspace: Workspace, unexamined: Sequence[Problem]) -> Plan:
    """Say beforehand what became unknown of an earlier run, and which changes an apply can't do, since nothing here
    speaks to their service."""
    needed = Counter(
        change.provider for change in plan.effective if change.provider not in workspace.providers
    )
    notes = tuple(
        Problem(
            "provider_unavailable",
            f"{counted(changes, 'change')} can't be applied by this version: it doesn't speak to {provider} yet.",
            "Apply the rest, which exits with 1; keep these declared for a later version, or take them out.",
            severity=Severity.WARNING,
        )
        for provider, changes in sorted(needed.items())
    )
    return replace(plan, diagnostics=(*plan.diagnostics, *unexamined, *notes))


def with_accounts(workspace: Workspace, snapshot: Snapshot, *, online: bool) -> Configuration:
    """Give the configuration with the account of each scope: as configured, else as the service says, else, offline,
    as the state remembers."""
    configuration = workspace.configuration
    wanted = {
        resource.scope for resource in configuration.resources.values() if resource.scope.account is None
    }
    known: dict[Scope, str | None] = {}
    for scope in wanted:
        known[scope] = _live(workspace, scope) if online else None
        if known[scope] is None:
            known[scope] = _remembered(scope, snapshot)
    if not any(known.values()):
        return configuration
    return replace(configuration, resources=_with_accounts(configuration.resources, known))


def _live(workspace: Workspace, scope: Scope) -> str | None:
    try:
        return workspace.account_of(scope)
    except ProviderError:
        # The refresh meets the same error and reports it for this place alone, so that others go on.
        return None


def _remembered(scope: Scope, snapshot: Snapshot) -> str | None:
    accounts = {
        resource.scope.account
        for resource in snapshot.resources.values()
        if resource.scope.account is not None
        and (resource.scope.alias, resource.scope.region, resource.scope.provider)
        == (scope.alias, scope.region, scope.provider)
    }
    return accounts.pop() if len(accounts) == 1 else None


def _with_accounts(
    resources: Mapping[Address, Desired], known: Mapping[Scope, str | None]
) -> Mapping[Address, Desired]:
    return {
        address: replace(resource, scope=replace(resource.scope, account=known[resource.scope]))
        if resource.scope in known
        else resource
        for address, resource in resources.items()
    }


def _check_targets(request: Request, configuration: Configuration, snapshot: Snapshot) -> None:
    # What a plan file names may be gone by now, by its own doing.
    targets = () if request.approved_by else request.targets
    check_addresses(targets, configuration, snapshot)


def _unused(request: Request, configuration: Configuration, snapshot: Snapshot) -> tuple[Problem, ...]:
    """Tell of agreements about what isn't there. They are no error: the command of a run that was killed is given
    again, and what it deleted is gone by then."""
    return tuple(
        Problem(
            "acknowledgement_unused",
            f"{address} is neither declared nor in state, so there is nothing of it to lose.",
            "Correct the option, or leave it out from now on.",
            severity=Severity.WARNING,
            address=address,
        )
        for address in sorted({*request.allow_delete, *request.allow_replace})
        if address not in configuration.resources and address not in snapshot.resources
    ) + tuple(
        Problem(
            "acknowledgement_unused",
            f"{address} isn't imported, so there is no ownership to take.",
            "Correct the option, or leave it out from now on.",
            severity=Severity.WARNING,
            address=address,
        )
        for address in sorted(request.take_ownership - pending_imports(configuration, snapshot).keys())
    )


def check_addresses(addresses: Iterable[Address], configuration: Configuration, snapshot: Snapshot) -> None:
    """Raise `Misused` for an address that is neither declared nor in state."""
    for address in addresses:
        if address not in configuration.resources and address not in snapshot.resources:
            raise Misused(
                f"{address} is neither declared nor in state.",
                remedy="See `chanplan state list` for what there is.",
                code="unknown_address",
            )
