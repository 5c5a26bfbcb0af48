"""What a store remembers: resources, intents, observations, approvals and runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate
from chanplan.model.records import RecordVerdict
from chanplan.model.resources import Desired, Importing, ResourceState
from chanplan.model.tier_moves import TenantSwitch, TierMove
from chanplan.model.values import Facts


class IntentKind(StrEnum):
    """What an intent is about to do."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    IMPORT = "import"
    """An object that exists is marked as ours and made as declared; the state doesn't know it before."""
    HANDOVER = "handover"
    """Resources are on their way into another workspace's state; no call is made. Nothing else is done before they
    are there: `state mv --to` ends it."""


@dataclass(frozen=True, slots=True)
class Intent:
    """The durable note "about to do this", written before the first call and settled when the outcome is known."""

    id: str
    kind: IntentKind
    address: Address
    resource_id: str
    started_at: datetime
    run_id: str
    desired: Desired | None = None
    """What it was to become, with its context; None for a delete."""
    prior: ResourceState | None = None
    """What the state held before, and for an import what was found; None for the create of something new."""
    changed: tuple[str, ...] = ()
    """For an update or an import: the attributes that were to change."""
    facts: Facts = field(default_factory=dict)
    """What checkpoints have recorded so far, merged."""
    fingerprint: str | None = None
    """The approved fingerprint that its success spends, when it runs under an approval."""
    importing: Importing | None = None
    """For an import: which object, and from whom it is taken."""
    tier_move: TierMove | None = None
    """For an update that moves a tier: which, and why."""
    switch: TenantSwitch | None = None
    """For an update that stops a tenant's mail or lets it go on."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was last seen of a resource, kept apart from it; storing one never moves the serial."""

    address: Address
    read_at: datetime
    facts: Facts = field(default_factory=dict)
    verdicts: tuple[RecordVerdict, ...] = ()
    dns_checked_at: datetime | None = None
    gate: Gate | None = None
    deep_at: datetime | None = None
    """When it was last read directly and wholly; None when it never was."""
    differs: tuple[str, ...] = ()
    """What that reading found other than the state had it: names of attributes and of missing parts. No values."""


@dataclass(frozen=True, slots=True)
class Approval:
    """The fingerprints that somebody reviewed, under the digest of the plan that held them."""

    digest: str
    fingerprints: frozenset[str]
    """What was approved."""
    spent: frozenset[str]
    """What has been done under it; each is spent once."""
    approved_at: datetime

    @property
    def remaining(self) -> frozenset[str]:
        """What may still be done under it."""
        return self.fingerprints - self.spent


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A loss that was agreed to, spent when its destructive call starts."""

    address: Address
    action: str
    reason: str
    spent_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One command that changed the state or the services: who, when, under which digest, with which result."""

    id: str
    command: str
    holder: str
    started_at: datetime
    finished_at: datetime | None = None
    digest: str | None = None
    result: str | None = None
    """`done`, `waiting`, `failed`, `interrupted`; None while it runs or when it was killed."""
    done: int = 0
    failed: int = 0
    waiting: int = 0
    version: str | None = None
    """Of the chanplan that ran."""
    waits: tuple[str, ...] = ()
    """The gates that it waited for, the first `WAITS_KEPT` of them: `dns_verified of ses_setup.acme-mail (pending)`."""


RUNS_KEPT = 1_000
"""A store forgets older runs when a new one begins."""
WAITS_KEPT = 10


class Moment(NamedTuple):
    """Which state it is and how many writes it has seen: equal moments are of equal states."""

    lineage: str | None
    sequence: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent reading of a state. `lineage` is None before the first write."""

    workspace: str | None = None
    lineage: str | None = None
    serial: int = 0
    resources: Mapping[Address, ResourceState] = field(default_factory=dict)
    intents: tuple[Intent, ...] = ()
    """Open ones, oldest first."""
    observations: Mapping[Address, Observation] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    """Oldest first; those under which nothing remains too, until a later one is stored."""
    acknowledgements: tuple[Acknowledgement, ...] = ()
    """Spent ones."""
    sequence: int = 0
    """Counts every write, for telling whether anything happened since."""

    @property
    def moment(self) -> Moment:
        """Give which reading this is."""
        return Moment(self.lineage, self.sequence)


@dataclass(frozen=True, slots=True)
class PutResource:
    """Remember a resource under its address."""

    resource: ResourceState


@dataclass(frozen=True, slots=True)
class DropResource:
    """Forget the resource at an address, and its observation."""

    address: Address


@dataclass(frozen=True, slots=True)
class MoveResource:
    """Give a resource, its observation, its open intents and the references to it another address."""

    origin: Address
    target: Address


Edit = PutResource | DropResource | MoveResource
"""One change of what the state remembers; several go into one transaction."""
