"""Gates: conditions outside our control that a change waits for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chanplan.model.addresses import Address


class GateKind(StrEnum):
    """What is waited for."""

    DNS_VERIFIED = "dns_verified"
    PROFILE_APPROVED = "profile_approved"


class GateState(StrEnum):
    """Where the wait stands."""

    PENDING = "pending"
    OPEN = "open"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition, on one resource, as far as it is known."""

    kind: GateKind
    on: Address
    state: GateState
    since: datetime | None = None
    """When the wait began."""
    deadline: datetime | None = None
    """When the service stops looking."""
    detail: str = ""
    """Where it stands, a sentence for people."""
    todo: tuple[str, ...] = ()
    """What a person must do, one step each."""
