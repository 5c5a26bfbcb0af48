"""What is answered: the specification's shapes, every field always there."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chanplan.api.bodies import VoiceChannel
from chanplan.model.kinds.use_case import EmailType

TIERS = ("onboarding", "standard", "premium", "suspended")
RecordType = Literal["CNAME", "MX", "TXT"]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class DnsRecordAnswer(_Answer):
    """A DNS record to publish."""

    address: str = Field(description="Fully-qualified DNS name for the record")
    record: str = Field(description="Target value (includes priority prefix for MX records)")
    type: RecordType = Field(description="CNAME, MX, or TXT")
    verified: bool = Field(description="Whether this record has been verified")


class SesSetupAnswer(_Answer):
    """An SES setup with its DNS records."""

    id: UUID = Field(description="Setup identifier")
    tenant_name: str = Field(description="Tenant name")
    domain_identity: str = Field(description="Verified domain")
    dns_checked_at: AwareDatetime | None = Field(
        description="Last DNS verification check time. Null until first refresh."
    )
    dns_records: list[DnsRecordAnswer] = Field(description="DNS records to publish")
    created_at: AwareDatetime = Field(description="Creation timestamp")
    updated_at: AwareDatetime = Field(description="Last update timestamp")


class SesSetupItem(_Answer):
    """An SES setup in a list."""

    id: UUID = Field(description="Setup identifier")
    tenant_name: str = Field(description="Tenant name")
    domain_identity: str = Field(description="Verified domain")
    dns_verified: bool = Field(description="Whether all DNS records are verified")
    dns_checked_at: AwareDatetime | None = Field(description="Last DNS verification check time")
    created_at: AwareDatetime = Field(description="Creation timestamp")
    updated_at: AwareDatetime = Field(description="Last update timestamp")


class SesSetupList(_Answer):
    """All SES setups."""

    items: list[SesSetupItem] = Field(description="List of setups")


class _UseCaseAnswer(_Answer):
    id: UUID = Field(description="Use case identifier")
    entity_name: str = Field(description="Business entity name")
    name: str = Field(description="Use case name")
    description: str | None = Field(description="Description")


class VoiceUseCaseAnswer(_UseCaseAnswer):
    """A use case that Twilio serves."""

    channel: VoiceChannel = Field(description="Channel value")
    twilio_setup_id: UUID = Field(description="Bound Twilio setup identifier")
    created_at: AwareDatetime = Field(description="Creation timestamp")
    updated_at: AwareDatetime = Field(description="Last update timestamp")


class EmailUseCaseAnswer(_UseCaseAnswer):
    """A use case that SES serves."""

    channel: Literal["email"] = Field(description='"email"')
    ses_setup_id: UUID = Field(description="Bound SES setup identifier")
    configuration_set_name: str = Field(
        description="Sending configuration set name, derived from entity_name and name"
    )
    sender_email_address: str = Field(description="From address")
    email_type: EmailType = Field(description='"transactional" or "marketing"')
    tier: str = Field(
        description='Current reputation tier. New use cases start at "onboarding".',
        json_schema_extra={"enum": list(TIERS)},
    )
    created_at: AwareDatetime = Field(description="Creation timestamp")
    updated_at: AwareDatetime = Field(description="Last update timestamp")


UseCaseAnswer = Annotated[VoiceUseCaseAnswer | EmailUseCaseAnswer, Field(discriminator="channel")]


class UseCaseList(_Answer):
    """Use cases."""

    items: list[UseCaseAnswer] = Field(description="Use cases of all channels, told apart by channel")


class TwilioSetupItem(_Answer):
    """A Twilio setup. The specification doesn't have it: with it, a caller finds the ids that use cases are bound to."""

    id: UUID = Field(description="Setup identifier")
    name: str = Field(description="Its name in the configuration")
    account_sid: str | None = Field(description="The account; null until it is known")
    customer_profile_sid: str = Field(description="The customer profile in Twilio's Trust Hub")
    customer_profile_status: str | None = Field(
        description="What Twilio said of the profile when it was last read, for example twilio-approved; null until then"
    )
    created_at: AwareDatetime = Field(description="Creation timestamp")
    updated_at: AwareDatetime = Field(description="Last update timestamp")


class TwilioSetupList(_Answer):
    """All Twilio setups."""

    items: list[TwilioSetupItem] = Field(description="List of setups")


class Health(_Answer):
    """The process lives."""

    status: Literal["ok"]


class Readiness(_Answer):
    """Whether requests can be answered."""

    status: Literal["ready", "not_ready"]
    store: Literal["ok", "unreadable"] = Field(description="Whether the state can be read")
    configuration: Literal["ok", "invalid"] = Field(description="Whether the configuration is valid")
