"""What `doctor` gathers of stores and services, and what it makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chanplan.model.addresses import Address
from chanplan.model.errors import ChanplanError
from chanplan.model.scopes import Scope


class Weight(StrEnum):
    """How much a finding means, the worst last."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, or found in order."""

    check: str
    """What was looked at: `state`, `lock`, …"""
    code: str
    """Stable, for machines; docs/doctor.md lists all."""
    weight: Weight
    message: str
    """One sentence."""
    remedy: str = ""
    """What to do; a command to run stands on its own line."""
    address: Address | None = None


class Concern(StrEnum):
    """What a store may have to say of the place where it keeps the state."""

    DAMAGED = "state_damaged"
    NOT_WRITABLE = "state_not_writable"
    CONDITIONS_IGNORED = "conditions_ignored"
    READABLE_BY_OTHERS = "state_readable_by_others"
    LITTLE_SPACE = "little_space"
    NO_VERSIONS = "versioning_off"
    VERSIONS_UNKNOWN = "versioning_unknown"


@dataclass(frozen=True, slots=True)
class Remark:
    """A concern and what it is about."""

    concern: Concern
    detail: str
    """A part of a sentence, without a secret."""


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A state's place, as its store sees it."""

    place: str
    size: int | None = None
    """Bytes; None while there is nothing, or where nobody can tell."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Versions and numbers worth telling, by what they are called."""
    remarks: tuple[Remark, ...] = ()
    clock: float | None = None
    """Seconds by which the server's clock is ahead of this machine's; None where there is no server, or none that tells."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the calls of one service go."""

    service: str
    url: str
    """Without a login."""
    own: bool
    """Whether that is the service itself, and no emulator or proxy."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A call that plans need, tried once."""

    operation: str
    error: ChanplanError | None = None
    """Why it can't be made."""
    needed: bool = True
    """Whether plans fail without it; else only less is known."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Whether an account may send."""

    production: bool
    """Not confined to verified recipients."""
    enabled: bool


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service in one account and region, as it is reached from here."""

    scope: Scope
    """As configured."""
    endpoints: tuple[Endpoint, ...] = ()
    login: str | None = None
    """Where credentials were found, never what they are; None when there are none."""
    account: str | None = None
    """The account that was reached; None when nobody could say."""
    probes: tuple[Probe, ...] = ()
    sending: Sending | None = None
    clock: float | None = None
    """Seconds by which the service's clock is ahead of this machine's; None when it didn't tell."""
