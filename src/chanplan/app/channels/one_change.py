"""Planning and carrying out one change, by the planner and the engine of the commands, over the part of the state that it
is about. The caller holds the workspace's lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chanplan.app.looking import gates_of
from chanplan.app.preview import with_accounts
from chanplan.app.recording import new_run
from chanplan.app.workspace import Workspace
from chanplan.execution.engine import Engine
from chanplan.execution.observing import observations
from chanplan.execution.refresh import refresh
from chanplan.execution.results import Result
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, Removed, Safety
from chanplan.model.plans import Change, Plan, RefreshMode
from chanplan.model.records import DnsRecord, RecordVerdict
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Desired, Origin, ResourceState
from chanplan.model.snapshots import Snapshot
from chanplan.planning.moves import with_moves
from chanplan.planning.planner import make_plan
from chanplan.planning.unfinished import desired_of

ITS_OWN_AGREEMENT = Request(allow_all=True)
"""A DELETE says by itself that what it loses may be lost (design 3, issue 8)."""


@dataclass(frozen=True, slots=True)
class Made:
    """A plan of one change at most, and what it was made from."""

    plan: Plan
    change: Change | None
    """None where the service couldn't be read."""
    reading: Reading


class _NoLookups:
    """Stands for the DNS where nothing hangs on it."""

    def check(
        self,
        _domains: Mapping[Address, Sequence[DnsRecord]],
        _earlier: Mapping[Address, Sequence[RecordVerdict]],
    ) -> Mapping[Address, tuple[RecordVerdict, ...]]:
        """Look nothing up."""
        return {}


def plan_create(workspace: Workspace, snapshot: Snapshot, desired: Desired) -> Made:
    """Plan to make one thing, or to go on making it. What it refers to is read live, as its gate needs it, and so are the
    pools of the state looked at; neither is changed, whatever was found of it.
    """
    address = desired.address
    referred = {each: _left_alone(snapshot.resources[each]) for each in desired.references}
    held = snapshot.resources.get(address)
    read = referred if held is None else {**referred, address: held}
    part = _part(snapshot, read)
    configuration = _narrowed(workspace.configuration, {address: desired})
    configuration = with_accounts(
        replace(workspace, configuration=configuration), snapshot, online=desired.scope.account is None
    )
    reading = _read(workspace, configuration, part, looks_up=bool(referred))
    # What a use case waits for was looked at anyway: the next list tells of it.
    seen = _part(snapshot, referred)
    workspace.store.observe(observations(reading, gates_of(workspace, seen, reading), seen))
    pools = _pools(workspace.configuration, snapshot) if "email_type" in desired.attributes else {}
    configuration = replace(
        configuration,
        resources={**configuration.resources, **{each: desired_of(pool) for each, pool in pools.items()}},
    )
    return _planned(
        workspace,
        configuration,
        _part(snapshot, {**read, **pools}),
        reading,
        Request(targets=(address,)),
        address,
    )


def plan_delete(workspace: Workspace, snapshot: Snapshot, resource: ResourceState) -> Made:
    """Plan to take one thing away, or to go on taking it away."""
    address = resource.address
    configuration = replace(_narrowed(workspace.configuration, {}), removed=(Removed(address, destroy=True),))
    part = _part(snapshot, {address: resource})
    reading = _read(workspace, configuration, part, looks_up=False)
    return _planned(workspace, configuration, part, reading, ITS_OWN_AGREEMENT, address)


def carry_out(workspace: Workspace, plan: Plan, command: str) -> Result:
    """Do what a plan of one change says, and record it in the history. Raises `StateError` before anything was begun."""
    run = replace(new_run(workspace, command), digest=plan.digest)
    store = workspace.store
    store.start_run(plan.workspace, run)
    engine = Engine(
        store,
        workspace.providers,
        workspace.clock,
        silence,
        workspace.stop,
        run_id=run.id,
        parallelism=1,
        recovery_folders=workspace.recovery_folders,
    )
    result = engine.execute(plan)
    store.finish_run(
        replace(
            run,
            finished_at=workspace.clock.now(),
            result=result.word,
            done=len(result.done),
            failed=len(result.failed),
        )
    )
    return result


def _planned(
    workspace: Workspace,
    configuration: Configuration,
    part: Snapshot,
    reading: Reading,
    request: Request,
    address: Address,
) -> Made:
    plan = make_plan(
        configuration,
        with_moves(part, ()),
        reading,
        request,
        workspace.clock.now(),
        workspace.costs,
    )
    changes = tuple(change for change in plan.changes if change.address == address)
    # Whatever else the planner found worth doing beside it is an apply's to do.
    plan = replace(plan, changes=changes, edges=())
    return Made(plan, next(iter(changes), None), reading)


def _read(workspace: Workspace, configuration: Configuration, part: Snapshot, *, looks_up: bool) -> Reading:
    return refresh(
        configuration,
        replace(part, intents=()),
        workspace.providers,
        workspace.checker if looks_up else _NoLookups(),
        workspace.clock,
        RefreshMode.DEEP,
        silence,
        workspace.parallelism,
        number_books=workspace.number_books,
    )


def _narrowed(configuration: Configuration, resources: Mapping[Address, Desired]) -> Configuration:
    return replace(
        configuration,
        resources=resources,
        moved=(),
        removed=(),
        imports=(),
        acknowledge=(),
        safety=Safety(),
        warnings=(),
    )


def _part(snapshot: Snapshot, resources: Mapping[Address, ResourceState]) -> Snapshot:
    """Give the part of a state that a change is about."""
    return replace(
        snapshot,
        resources=resources,
        intents=tuple(intent for intent in snapshot.intents if intent.address in resources),
        observations={
            address: snapshot.observations[address]
            for address in resources
            if address in snapshot.observations
        },
        approvals=(),
        acknowledgements=(),
    )


def _left_alone(resource: ResourceState) -> ResourceState:
    """Give a resource as the planner leaves it alone: as if the API had made it, which nobody declares."""
    return replace(resource, origin=Origin.API)


def _pools(configuration: Configuration, snapshot: Snapshot) -> Mapping[Address, ResourceState]:
    """Give the pools that are declared and made. One that is declared no more is about to go."""
    return {
        address: _left_alone(resource)
        for address in configuration.resources
        if address.kind == "sending_pool"
        and (resource := snapshot.resources.get(address)) is not None
        and resource.complete
    }
