"""What may be sent: the specification's bodies and filters, made of the same declared types as the YAML."""

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from chanplan.model.kinds.declared import Declared, DomainName, EmailAddress, EntityName
from chanplan.model.kinds.ses_setup import TenantName
from chanplan.model.kinds.use_case import Description, EmailType

_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _canonical(value: object) -> object:
    """Refuse the other ways to write a UUID that Python reads: in braces, without hyphens, as a URN."""
    if isinstance(value, str) and _UUID.fullmatch(value):
        return UUID(value)
    raise PydanticCustomError(
        "not_a_uuid", "It isn't a UUID, for example 0b5ea7d6-3c0f-4f0e-8a38-1f2f4a5d6c7b", {}
    )


_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
DescribedDomain = Annotated[
    DomainName, Field(json_schema_extra={"pattern": f"^(?!.*\\.[0-9]+$){_LABEL}(\\.{_LABEL})+$"})
]
"""A domain whose form the description tells as a pattern. In YAML an editor's message says it better."""
ResourceId = Annotated[UUID, BeforeValidator(_canonical)]
"""An id in the path, a filter or a body."""
VoiceChannel = Literal["outbound_voice", "inbound_voice", "ringless_voicemail"]
Channel = Literal["outbound_voice", "inbound_voice", "ringless_voicemail", "email"]


class CreateSesSetup(Declared):
    """An SES setup that is asked for."""

    tenant_name: TenantName = Field(description="Logical name for reputation and suppression isolation.")
    domain_identity: DescribedDomain = Field(description="Domain to verify for sending and receiving.")


class _CreateUseCase(Declared):
    """What the use cases of all channels have."""

    entity_name: EntityName = Field(description="Business entity name: letters, spaces and hyphens.")
    name: EntityName = Field(description="Use case purpose: letters, spaces and hyphens.")
    description: Description | None = Field(None, description="Free-text description.")


class CreateVoiceUseCase(_CreateUseCase):
    """A use case that Twilio serves."""

    channel: VoiceChannel = Field(description="How people are reached, or reach.")
    twilio_setup_id: ResourceId = Field(
        description="Twilio setup to bind to. Must have an approved customer profile."
    )


class CreateEmailUseCase(_CreateUseCase):
    """A use case that SES serves."""

    channel: Literal["email"] = Field(description="Outbound and inbound email.")
    ses_setup_id: ResourceId = Field(description="SES setup to bind to. DNS must be fully verified.")
    sender_email_address: EmailAddress = Field(
        description="From address for outbound sends. Domain must match the setup's domain identity."
    )
    email_type: EmailType = Field(
        description="Selects the reputation-isolated sending pool family. Immutable after creation."
    )


CreateUseCase = Annotated[CreateVoiceUseCase | CreateEmailUseCase, Field(discriminator="channel")]


class UseCaseFilters(Declared):
    """Which use cases are asked for; all of them without a filter."""

    entity_name: str | None = Field(None, description="Filter by business entity name")
    channel: Channel | None = Field(None, description="Filter by channel")
    twilio_setup_id: ResourceId | None = Field(
        None, description="Filter to use cases bound to this Twilio setup"
    )
    ses_setup_id: ResourceId | None = Field(None, description="Filter to use cases bound to this SES setup")
