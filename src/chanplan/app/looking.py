"""Looking at single resources live: their object, their DNS records, their gate. Stores what was seen."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chanplan.app.guarding import check_workspace, meant
from chanplan.app.workspace import Workspace
from chanplan.execution.observing import observations
from chanplan.execution.records import setup_records
from chanplan.execution.refresh import refresh
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.gates import Gate
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.plans import RefreshMode
from chanplan.model.problems import Problem
from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.model.requests import Reading
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Observation, Snapshot
from chanplan.planning.gates import dns_gate
from chanplan.planning.profile_gate import profile_gate, profile_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A resource with what is known of it."""

    resource: ResourceState
    observation: Observation | None
    records: tuple[DnsRecord, ...]
    """The DNS records of a setup; empty for other kinds."""
    gone: bool = False
    """Whether a live look didn't find it."""
    problem: Problem | None = None
    """Why the service couldn't be read, when it couldn't."""

    @property
    def entries(self) -> tuple[DnsRecord | RecordVerdict, ...]:
        """The records, each with the last verdict on it where there is one."""
        verdicts = () if self.observation is None else self.observation.verdicts
        by_record = {verdict.record: verdict for verdict in verdicts}
        return tuple(by_record.get(record, record) for record in self.records)

    @property
    def awaited(self) -> tuple[DnsRecord, ...]:
        """The records that nobody has seen in place yet."""
        verdicts = () if self.observation is None else self.observation.verdicts
        verified = {verdict.record for verdict in verdicts if verdict.outcome is Outcome.VERIFIED}
        return tuple(record for record in self.records if record not in verified)


def remembered(workspace: Workspace, addresses: Iterable[Address]) -> tuple[Seen, ...]:
    """Give resources as the state remembers them, without any call. Raises `Misused` for an unknown address."""
    snapshot = workspace.store.load()
    check_workspace(workspace.configuration, snapshot)
    return tuple(
        Seen(resource, snapshot.observations.get(resource.address), _records(workspace, resource))
        for resource in _resources(workspace, snapshot, addresses)
    )


def look(workspace: Workspace, addresses: Iterable[Address]) -> tuple[Seen, ...]:
    """Read resources directly, their DNS records too, and store what was seen.

    Raises:
        Misused: an address isn't in state.
    """
    snapshot = workspace.store.load()
    check_workspace(workspace.configuration, snapshot)
    resources = _resources(workspace, snapshot, addresses)
    part = replace(snapshot, resources={resource.address: resource for resource in resources}, intents=())
    reading = refresh(
        replace(workspace.configuration, resources={}),
        part,
        workspace.providers,
        workspace.checker,
        workspace.clock,
        RefreshMode.DEEP,
        silence,
        workspace.parallelism,
    )
    stored = observations(reading, gates_of(workspace, part, reading), snapshot)
    workspace.store.observe(stored)
    fresh = {observation.address: observation for observation in stored}
    return tuple(
        Seen(
            resource,
            fresh.get(resource.address) or snapshot.observations.get(resource.address),
            _records(workspace, resource),
            gone=resource.address in reading.gone,
            problem=_problem(reading, resource),
        )
        for resource in resources
    )


def gates_of(workspace: Workspace, snapshot: Snapshot, reading: Reading) -> tuple[Gate, ...]:
    """Judge the gate of each setup whose records a reading looked up, or whose customer profile it read."""
    by_records = tuple(
        dns_gate(
            snapshot.resources.get(address),
            address,
            reading.observed.get(address),
            snapshot.observations.get(address),
            verdicts,
            workspace.clock.now(),
        )
        for address, verdicts in reading.verdicts.items()
    )
    by_profile = tuple(
        profile_gate(
            profile_of(address, profile_sid(setup.attributes), observed, None), workspace.clock.now()
        )
        for address, observed in reading.observed.items()
        if address.kind == "twilio_setup" and (setup := snapshot.resources.get(address)) is not None
    )
    return by_records + by_profile


def _problem(reading: Reading, resource: ResourceState) -> Problem | None:
    return next(
        (entry.problem for entry in reading.unreadable if entry.scope.place == resource.scope.place), None
    )


def _records(workspace: Workspace, resource: ResourceState) -> tuple[DnsRecord, ...]:
    if resource.address.kind != "ses_setup":
        return ()
    return setup_records(
        resource.attributes,
        resource.facts,
        resource.scope.region,
        workspace.configuration.receiving_regions,
    )


def _resources(
    workspace: Workspace, snapshot: Snapshot, addresses: Iterable[Address]
) -> tuple[ResourceState, ...]:
    found = []
    for address in addresses:
        resource = snapshot.resources.get(address)
        if resource is None:
            declared = address in workspace.configuration.resources
            raise Misused(
                f"{address} isn't made yet." if declared else f"{address} is neither declared nor in state.",
                remedy="Make it with `chanplan apply`."
                if declared
                else meant(address, snapshot.resources) + "See `chanplan state list` for what there is.",
                code="unknown_address",
            )
        found.append(resource)
    return tuple(found)
