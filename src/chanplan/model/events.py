"""Events: what the engine tells while it works. Renderers decide how a person sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate
from chanplan.model.holding import Holding
from chanplan.model.plans import Step
from chanplan.model.problems import Problem
from chanplan.model.records import DnsRecord


@dataclass(frozen=True, slots=True)
class LockAwaited:
    """Another run holds the workspace, and this one waits for at most so many seconds. A stop ends it."""

    holding: Holding
    seconds: float


@dataclass(frozen=True, slots=True)
class RefreshStarted:
    """The services are about to be asked about `resources` resources."""

    resources: int


@dataclass(frozen=True, slots=True)
class RefreshProgressed:
    """`done` of `total` batches were read."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class IntentRecovered:
    """An open intent of an earlier run was settled; `outcome` is a sentence."""

    address: Address
    outcome: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step's intent is durable and its first call is about to be made."""

    step: Step


@dataclass(frozen=True, slots=True)
class StepAdvanced:
    """A checkpoint of a step is durable; `what` names what was just done."""

    step: Step
    what: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step's outcome is recorded."""

    step: Step
    seconds: float
    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step failed; the rest that doesn't depend on it goes on."""

    step: Step
    problem: Problem


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """A step wasn't started, because one that it depends on failed, waits, or a stop was asked for."""

    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class StepWaits:
    """A step waits for a gate."""

    step: Step
    gate: Gate


@dataclass(frozen=True, slots=True)
class GatePolled:
    """A pending gate was looked at; `next_in` is in seconds."""

    gate: Gate
    next_in: float


@dataclass(frozen=True, slots=True)
class RecordAwaited:
    """Somebody must publish a record before a gate can open that is now waited for."""

    on: Address
    record: DnsRecord


@dataclass(frozen=True, slots=True)
class DeepeningAwaited:
    """All else is done; the oldest facts are still being checked, for at most so many seconds. A stop ends it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Deepened:
    """The oldest facts were checked with direct readings, beside what was asked for or after it."""

    checked: int
    """Resources that were read."""
    differing: tuple[Address, ...]
    """Those that aren't as the state remembers them, sorted; the next plan reads them directly."""
    calls: int
    never: int
    """Resources in state that nobody has read directly so far."""
    oldest: datetime | None
    """The oldest direct reading of the others; None when there are none."""
    at: datetime
    """When it ended."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something a person should know."""

    problem: Problem


Event: TypeAlias = (
    LockAwaited
    | RefreshStarted
    | RefreshProgressed
    | IntentRecovered
    | StepStarted
    | StepAdvanced
    | StepDone
    | StepFailed
    | StepSkipped
    | StepWaits
    | GatePolled
    | RecordAwaited
    | DeepeningAwaited
    | Deepened
    | Noted
)

Listener: TypeAlias = Callable[[Event], None]
"""Hears every event, from any thread, one at a time."""
