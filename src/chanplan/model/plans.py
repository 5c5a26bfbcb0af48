"""Plans: what would change, why, what it loses, what it waits for. Inert data, fit to be saved and reviewed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate
from chanplan.model.problems import Problem, Source
from chanplan.model.resources import Desired, Importing, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.tier_moves import TenantSwitch, TierMove
from chanplan.model.values import Attributes, Value


class Action(StrEnum):
    """What happens to one address."""

    NO_OP = "no-op"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "delete, create"
    """Delete, then create: the names are unique."""
    REPLACE_CREATE_FIRST = "create, delete"
    DELETE = "delete"
    FORGET = "forget"

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the plan document's `actions`."""
        return tuple(self.value.split(", "))

    @cached_property
    def destroys(self) -> bool:
        """Whether something is deleted at a service."""
        return "delete" in self.words

    @cached_property
    def replaces(self) -> bool:
        """Whether it has a delete half and a create half."""
        return len(self.words) == 2


class Reason(StrEnum):
    """Why an address is acted on."""

    NOT_IN_STATE = "not_in_state"
    """Declared, and not made yet."""
    RESUMED = "resumed"
    """An earlier run began it and didn't finish."""
    GONE = "gone"
    """It was deleted behind our back."""
    CHANGED = "changed"
    """The configuration asks for something else than the services have."""
    DRIFTED = "drifted"
    """The configuration is as before; the services differ."""
    MENDED = "mended"
    """Parts of it are missing at the service."""
    REARMED = "rearmed"
    """The service stopped looking for the DNS records, and they are there now."""
    CANNOT_UPDATE = "cannot_update"
    """A changed attribute can't be updated in place."""
    RENAMED = "renamed"
    """A `moved:` entry gives it another address."""
    IMPORTED = "imported"
    """An `imports:` entry brings it under control."""
    ADOPTED = "adopted"
    """The API made it, and the configuration declares it now as it is."""
    NOT_DECLARED = "not_declared"
    """It is in state and not in the configuration."""
    DESTROY_REQUESTED = "destroy_requested"
    """Everything was asked to go."""
    REMOVED = "removed"
    """A `removed:` entry says to forget or destroy it."""
    PROMOTED = "promoted"
    """Its mail earned the next tier."""
    DEMOTED = "demoted"
    """Its mail cost it a tier."""
    SUSPENDED = "suspended"
    """Its mail, AWS or an operator suspended it."""
    REINSTATED = "reinstated"
    """It comes back from suspension."""
    TENANT_STOPPED = "tenant_stopped"
    """An operator stops all mail of its tenant."""
    TENANT_STARTED = "tenant_started"
    """An operator lets the mail of its tenant go on."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Loss:
    """What a delete or a replacement gives away, or what went behind our back."""

    code: str
    """`reputation`, `verified_domain`, `phone_line`, `pool_warmup`, …"""
    message: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which an attribute differs."""

    path: tuple[str | int, ...]
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Change:
    """One address with its action and the reason for it."""

    address: Address
    provider: str
    action: Action
    reason: Reason
    scope: Scope
    id: str | None = None
    previous_address: Address | None = None
    before: Attributes | None = None
    """Declared attributes as the services have them now (unchecked ones as the state remembers them)."""
    after: Attributes | None = None
    changed: tuple[str, ...] = ()
    """Names of the declared attributes that differ, sorted."""
    differences: tuple[Difference, ...] = ()
    after_unknown: tuple[str, ...] = ()
    """Observed-only attributes that are known after the apply."""
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    depends_on: tuple[Address, ...] = ()
    source: Source | None = None
    gate: Gate | None = None
    losses: tuple[Loss, ...] = ()
    """What it gives away, or what is lost already; see `gives_away`."""
    importing: Importing | None = None
    """What an import takes; None for everything else."""
    acknowledged_by: str | None = None
    """`--allow-delete`, `--allow-replace`, `--take-ownership`, `acknowledge: REASON`, `--expect`, `plan file`; None when nobody did."""
    calls_service: bool = True
    """False for what is settled in the state alone: a rename, a description, a lifecycle."""
    fingerprints: tuple[str, ...] = ()
    """What an approval covers: one for each half."""
    passed_numbers: tuple[str, ...] = ()
    """Phone numbers that it holds and another line takes, sorted: they stay where they are until that is done."""
    seen_numbers: Mapping[str, str] = field(default_factory=dict)
    """Phone numbers that it takes and that another object of ours was seen to answer, with what the service calls it."""
    tier_move: TierMove | None = None
    """Which tier it leaves for which, and on what evidence; None for everything but a move of tiers."""
    switch: TenantSwitch | None = None
    """How the mail of its tenant is stopped or let go on; None for everything else."""
    desired: Desired | None = None
    prior: ResourceState | None = None

    @property
    def gives_away(self) -> bool:
        """Whether its losses are still to come, so that somebody must agree to them: it destroys, or takes what is
        another's."""
        return self.action.destroys or self.importing is not None

    @property
    def waits(self) -> bool:
        """Whether a gate that isn't open stands before it."""
        return self.gate is not None and self.gate.state != "open"

    @property
    def only_imports(self) -> bool:
        """Whether it is an import after which nothing differs but the mark."""
        return self.importing is not None and not self.changed and not self.importing.missing


class Half(StrEnum):
    """What one step of a change does."""

    CREATE = "create"
    IMPORT = "import"
    """An update of what exists and wasn't ours."""
    UPDATE = "update"
    DELETE = "delete"
    FORGET = "forget"


class Step(NamedTuple):
    """The smallest thing that is executed: one half of one change."""

    address: Address
    half: Half


@dataclass(frozen=True, slots=True)
class Edge:
    """An order between two steps: `first` is done before `then` starts."""

    first: Step
    then: Step
    why: str
    """`reference`, `release`, `number`, `pool`, `replacement`, …"""


@dataclass(frozen=True, slots=True)
class Drift:
    """One address whose object differs from what the state remembers."""

    address: Address
    id: str
    scope: Scope
    before: Attributes
    after: Attributes | None
    """None when the object is gone."""
    changed: tuple[str, ...]
    read_at: datetime | None = None
    missing: tuple[str, ...] = ()
    """Parts of it that aren't there: an association, a receipt rule entry. The state remembers none."""
    losses: tuple[Loss, ...] = ()
    """What went with the object, or with its missing parts."""
    alike_at: datetime | None = None
    """When the last close look was, if it found nothing different."""
    differed_at: datetime | None = None
    """When the last close look was, if it found something different already."""
    left: str = ""
    """Why the state keeps what it has, in a plan that takes drift into it; empty where it doesn't."""
    fingerprint: str = ""
    """What an approval of taking it into the state covers; empty where that isn't planned."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Declared attributes that this refresh didn't compare."""

    address: Address
    attributes: tuple[str, ...]
    checked_at: datetime | None = None
    """When the resource was last read directly and wholly; None when it never was."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the plan may not be applied, and what to do."""

    code: str
    address: Address | None
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Changes by action. `waiting` counts those before which a gate isn't open; they count under their action too.
    `imported` counts what is brought under control; under `update` it counts only where it is changed besides."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    forget: int = 0
    no_op: int = 0
    waiting: int = 0
    imported: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the apply will cost: calls by provider, and seconds at the known quotas."""

    calls: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


class RefreshMode(StrEnum):
    """How the services were asked before planning."""

    NONE = "none"
    SHALLOW = "shallow"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do. `changes` are sorted by address and hold no-ops too."""

    workspace: str
    lineage: str | None
    serial: int
    config_digest: str
    digest: str
    created_at: datetime
    refresh: RefreshMode
    refreshed_at: datetime | None
    changes: tuple[Change, ...]
    edges: tuple[Edge, ...]
    drift: tuple[Drift, ...]
    unchecked: tuple[Unchecked, ...]
    refusals: tuple[Refusal, ...]
    diagnostics: tuple[Problem, ...]
    """Warnings, and errors of services that couldn't be read."""
    summary: Summary
    estimate: Estimate
    targeted: bool = False
    destroy: bool = False
    made_by_api: tuple[Address, ...] = ()
    """What the HTTP API made and the configuration doesn't declare, sorted: a plan leaves it alone."""
    refresh_only: bool = False
    """Whether an apply takes the drift into the state, and does nothing else. `changes` is empty then."""
    tiers: bool = False
    """Whether it moves tiers or stops a tenant, and does nothing else: carried out by `tiers …`, not by `apply`."""

    @property
    def applyable(self) -> bool:
        """Whether nothing refuses it."""
        return not self.refusals

    @property
    def complete(self) -> bool:
        """Whether everything that is declared would be done by an apply now."""
        return not self.targeted and not self.summary.waiting and not self.errored

    @property
    def errored(self) -> bool:
        """Whether a service couldn't be read, so that its part of the plan is missing."""
        return any(problem.severity == "error" for problem in self.diagnostics)

    @property
    def effective(self) -> tuple[Change, ...]:
        """The changes that do something."""
        return tuple(change for change in self.changes if change.action is not Action.NO_OP)

    @property
    def fingerprints(self) -> frozenset[str]:
        """What an approval of it covers."""
        return frozenset(
            (
                *(mark for change in self.effective for mark in change.fingerprints),
                *(drift.fingerprint for drift in self.drift if drift.fingerprint),
            )
        )
