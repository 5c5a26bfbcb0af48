"""What the specification shows of a resource."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from chanplan.execution.records import setup_records
from chanplan.model.addresses import Address, parse_address
from chanplan.model.channels import (
    DnsRecordView,
    EmailUseCaseView,
    SetupItem,
    SetupView,
    TwilioSetupItem,
    UseCaseView,
    VoiceUseCaseView,
)
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.kinds.use_case import FIRST_TIER, configuration_set_name
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Observation
from chanplan.render.resources import dns_verified, record_verified

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the moments of a state that an early version wrote without them."""


def setup_view(
    resource: ResourceState, observation: Observation | None, receiving_regions: Collection[str] | None
) -> SetupView:
    """Give an SES setup with its records, each verified or not as last seen. `receiving_regions` override the list of
    regions in which SES receives mail."""
    records = setup_records(resource.attributes, resource.facts, resource.scope.region, receiving_regions)
    return SetupView(
        id=resource.id,
        tenant_name=str(resource.attributes["tenant_name"]),
        domain_identity=str(resource.attributes["domain_identity"]),
        dns_checked_at=None if observation is None else observation.dns_checked_at,
        dns_records=tuple(
            DnsRecordView(
                record.name,
                record.value,
                record.type.value,
                record_verified(record, resource.facts, observation),
            )
            for record in records
        ),
        created_at=resource.created_at or _LONG_AGO,
        updated_at=resource.updated_at or _LONG_AGO,
    )


def setup_item(
    resource: ResourceState, observation: Observation | None, receiving_regions: Collection[str] | None
) -> SetupItem:
    """Give an SES setup as an item of a list."""
    records = setup_records(resource.attributes, resource.facts, resource.scope.region, receiving_regions)
    return SetupItem(
        id=resource.id,
        tenant_name=str(resource.attributes["tenant_name"]),
        domain_identity=str(resource.attributes["domain_identity"]),
        dns_verified=dns_verified(resource, observation, records),
        dns_checked_at=None if observation is None else observation.dns_checked_at,
        created_at=resource.created_at or _LONG_AGO,
        updated_at=resource.updated_at or _LONG_AGO,
    )


def twilio_item(resource: ResourceState, observation: Observation | None) -> TwilioSetupItem:
    """Give a Twilio setup as an item of a list."""
    facts = {**resource.facts, **({} if observation is None else observation.facts)}
    status = facts.get("profile_status")
    return TwilioSetupItem(
        id=resource.id,
        name=resource.address.name,
        account_sid=resource.scope.account,
        customer_profile_sid=profile_sid(resource.attributes),
        customer_profile_status=status if isinstance(status, str) else None,
        created_at=resource.created_at or _LONG_AGO,
        updated_at=resource.updated_at or _LONG_AGO,
    )


def use_case_view(resource: ResourceState, resources: Mapping[Address, ResourceState]) -> UseCaseView:
    """Give a use case. Its setup is told by its id; by an empty text where the state doesn't know the setup."""
    attributes, facts = resource.attributes, resource.facts
    entity, name = str(attributes["entity_name"]), str(attributes["name"])
    text = attributes.get("description")
    description = text if isinstance(text, str) else None
    created, updated = resource.created_at or _LONG_AGO, resource.updated_at or _LONG_AGO
    channel = str(attributes["channel"])
    if channel != "email":
        setup = _referred(str(attributes["twilio_setup"]), resources)
        return VoiceUseCaseView(resource.id, entity, name, description, channel, setup, created, updated)
    return EmailUseCaseView(
        id=resource.id,
        entity_name=entity,
        name=name,
        description=description,
        channel=channel,
        ses_setup_id=_referred(str(attributes["ses_setup"]), resources),
        configuration_set_name=str(
            facts.get("configuration_set_name") or configuration_set_name(entity, name)
        ),
        sender_email_address=str(attributes["sender_email_address"]),
        email_type=str(attributes["email_type"]),
        tier=str(facts.get("tier") or FIRST_TIER),
        created_at=created,
        updated_at=updated,
    )


def _referred(text: str, resources: Mapping[Address, ResourceState]) -> str:
    address = parse_address(text)
    setup = None if address is None else resources.get(address)
    return "" if setup is None else setup.id
