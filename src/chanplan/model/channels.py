"""What the Channel Manager API is asked for and what it answers, field by field as its specification names them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tier = str
"""`onboarding`, `standard`, `premium` or `suspended`; another word when a newer version gave it."""


@dataclass(frozen=True, slots=True)
class NewSesSetup:
    """The body of `POST /v1/ses-setup`."""

    tenant_name: str
    domain_identity: str


@dataclass(frozen=True, slots=True)
class NewVoiceUseCase:
    """The body of `POST /v1/use-case` for a channel that Twilio serves."""

    channel: Literal["outbound_voice", "inbound_voice", "ringless_voicemail"]
    entity_name: str
    name: str
    twilio_setup_id: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class NewEmailUseCase:
    """The body of `POST /v1/use-case` for email."""

    entity_name: str
    name: str
    ses_setup_id: str
    sender_email_address: str
    email_type: Literal["transactional", "marketing"]
    description: str | None = None
    channel: Literal["email"] = "email"


NewUseCase = NewVoiceUseCase | NewEmailUseCase


@dataclass(frozen=True, slots=True)
class DnsRecordView:
    """One record to publish."""

    address: str
    """Fully qualified, without the final dot."""
    record: str
    """The target; an MX target begins with its preference."""
    type: str
    """`CNAME`, `MX` or `TXT`."""
    verified: bool


@dataclass(frozen=True, slots=True)
class SetupView:
    """One SES setup with its records."""

    id: str
    tenant_name: str
    domain_identity: str
    dns_checked_at: datetime | None
    """None until the first live check of its DNS."""
    dns_records: tuple[DnsRecordView, ...]
    """Seven, in the specification's order; six in a region in which SES receives no mail."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SetupItem:
    """One SES setup in a list."""

    id: str
    tenant_name: str
    domain_identity: str
    dns_verified: bool
    """Whether every record was in place when it was last looked at."""
    dns_checked_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TwilioSetupItem:
    """One Twilio setup in a list. The list is an addition of ours: the specification says nowhere how a caller learns
    the ids that use cases are bound to."""

    id: str
    name: str
    """Its name in the configuration."""
    account_sid: str | None
    customer_profile_sid: str
    customer_profile_status: str | None
    """As Twilio named it when it was last read: `twilio-approved`, `in-review`, …; None before."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VoiceUseCaseView:
    """One use case of a channel that Twilio serves."""

    id: str
    entity_name: str
    name: str
    description: str | None
    channel: str
    twilio_setup_id: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EmailUseCaseView:
    """One email use case."""

    id: str
    entity_name: str
    name: str
    description: str | None
    channel: str
    """`email`."""
    ses_setup_id: str
    configuration_set_name: str
    sender_email_address: str
    email_type: str
    tier: Tier
    created_at: datetime
    updated_at: datetime


UseCaseView = VoiceUseCaseView | EmailUseCaseView


@dataclass(frozen=True, slots=True)
class UseCaseFilter:
    """The query of `GET /v1/use-case`: all that is given must fit, compared exactly."""

    entity_name: str | None = None
    channel: str | None = None
    twilio_setup_id: str | None = None
    ses_setup_id: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the service stands right now."""

    readable: bool
    """Whether the state can be read."""
    valid: bool
    """Whether the configuration can be read and taken up."""
    serial: int | None
    """The state's, None where it can't be read."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The `Idempotency-Key` of a POST."""

    key: str
    """What the caller sent, joined with whose key it is: two callers may choose the same."""
    request_hash: str
    """Of what was asked for: the same key with another hash is refused (`idempotency_key_reused`)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that changes something: who asks, for the history, and how long it may wait."""

    command: str
    """`api POST /v1/ses-setup`: what `chanplan history` shows."""
    caller: str
    """The name of the access key; never the key."""
    lock_timeout: float
    """Seconds to wait for requests before it and for runs that hold the workspace."""
    idempotency: Idempotency | None = None
