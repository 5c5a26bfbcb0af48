"""From the body of a request to what is desired, or to why it can't be: what `validate` would say of the same in YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from chanplan.app.channels.index import Claim, Index, claims_of
from chanplan.config.ceilings import (
    APPLICATIONS_PER_ACCOUNT,
    CONFIGURATION_SETS_PER_REGION,
    IDENTITIES_PER_REGION,
)
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import Conflict, NotFound, Unacceptable, Unprepared
from chanplan.model.channels import NewEmailUseCase, NewSesSetup, NewUseCase, NewVoiceUseCase
from chanplan.model.configuration import Configuration
from chanplan.model.kinds.declared import domain_of
from chanplan.model.kinds.judging import Complaint, judged
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import Effect
from chanplan.model.kinds.use_case import slug
from chanplan.model.resources import Desired, Origin, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Intent, IntentKind, Snapshot
from chanplan.model.values import Attributes, Value

CONSENT = "prior_express"
"""What a ringless use case of the API claims of those whom it reaches: the specification doesn't ask, the configuration
needs an answer, and this is the lesser one (decision 0039)."""

_EXISTS: Mapping[str, tuple[str, str]] = {
    "tenant": ("tenant_exists", "a setup with the tenant name {value}"),
    "domain": ("domain_exists", "a setup with the domain {value}"),
    "use_case": ("use_case_exists", "a use case with this entity_name and name ({value})"),
    "configuration_set": ("configuration_set_exists", "a use case with the configuration set {value}"),
    "sender": ("sender_address_bound", "a use case with the sender address {value}"),
}
"""By the namespace of a unique value: the code of a clash, and what has it already."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a request is judged by: the state, its index, and what is declared."""

    snapshot: Snapshot
    index: Index
    configuration: Configuration
    declared: Mapping[Claim, Address]


def new_id() -> str:
    """Draw the id of something that a request makes."""
    return str(uuid4())


def address_of(kind: str, id: str) -> Address:
    """Give the address of what a request makes. People who adopt it may rename it (`moved:`)."""
    return Address(kind, f"api-{id.replace('-', '')[:12]}")


def desired_setup(new: NewSesSetup, configuration: Configuration) -> Desired:
    """Give the setup that a request asks for, under no address yet.

    Raises:
        Unacceptable: a field isn't as it has to be.
        Unprepared: the configuration doesn't say through which account and region SES is reached.
    """
    written = {"tenant_name": new.tenant_name, "domain_identity": new.domain_identity}
    attributes = _attributes("ses_setup", written, configuration)
    return Desired(Address("ses_setup", ""), attributes, _ses(configuration), origin=Origin.API)


def desired_use_case(new: NewUseCase, grounds: Grounds) -> Desired:
    """Give the use case that a request asks for, under no address yet.

    Raises:
        NotFound: there is no such setup.
        Unacceptable: a field isn't as it has to be, or the sender is of another domain than the setup's.
    """
    kind, id = (
        ("ses_setup", new.ses_setup_id)
        if isinstance(new, NewEmailUseCase)
        else ("twilio_setup", new.twilio_setup_id)
    )
    setup = grounds.index.find(kind, id)
    if setup is None or not setup.complete:
        raise NotFound(kind, id)
    attributes = _attributes("use_case", _written(new, setup), grounds.configuration)
    if isinstance(new, NewEmailUseCase):
        _check_email(new, setup)
    return Desired(
        Address("use_case", ""), attributes, setup.scope, references=(setup.address,), origin=Origin.API
    )


def unfinished_like(desired: Desired, grounds: Grounds) -> tuple[Address, str] | None:
    """Give address and id of what an earlier request began to make of the same and didn't finish: what is asked for
    now differs in nothing that would replace it. None when there is nothing like it."""
    for address, id, attributes, references in _begun(grounds.snapshot, grounds.index, desired):
        table = KINDS[address.kind].attributes_of(desired.attributes)
        lasting = [
            name
            for name, attribute in table.items()
            if not attribute.derived and attribute.effect in (Effect.REPLACE, Effect.REFUSED)
        ]
        lasting += [name for name in ("sender_email_address",) if name in desired.attributes]
        same = all(attributes.get(name) == desired.attributes.get(name) for name in lasting)
        if same and references == desired.references:
            return address, id
    return None


def check_unique(desired: Desired, grounds: Grounds, own: Address | None) -> None:
    """Raise `Conflict` for the first unique value that something else has: in the state, begun, or declared and not made
    yet. `own` is what goes on under its own address."""
    for claim in claims_of(desired.address.kind, desired.attributes):
        held = [address for address in grounds.index.holders(claim) if address != own]
        begun = [
            intent.address
            for intent in grounds.snapshot.intents
            if intent.kind is IntentKind.CREATE
            and intent.desired is not None
            and intent.address != own
            and claim in claims_of(intent.address.kind, intent.desired.attributes)
        ]
        declared = grounds.declared.get(claim)
        rival = next(iter([*held, *begun, *([] if declared in (None, own) else [declared])]), None)
        if rival is None:
            continue
        code, what = _EXISTS[claim[0]]
        resource = grounds.snapshot.resources.get(rival)
        data: dict[str, Value] = {"value": claim[1]}
        if resource is not None:
            data["id"] = resource.id
        raise Conflict(
            code,
            f"There is {what.format(value=claim[1])} already{_standing(rival, resource, grounds)}.",
            remedy="Choose another one, or use what there is.",
            data=data,
        )


def check_ceilings(desired: Desired, grounds: Grounds) -> None:
    """Raise `Conflict` (`service_ceiling`) where the account and region hold no more of it."""
    kind, scope = desired.address.kind, desired.scope
    if kind == "ses_setup":
        ceiling, what = IDENTITIES_PER_REGION, "domain identities"
    elif desired.scope.provider == "ses":
        ceiling, what = CONFIGURATION_SETS_PER_REGION, "configuration sets"
    else:
        ceiling, what = APPLICATIONS_PER_ACCOUNT, "Applications"
    # The account may not be known before a service is asked, and is one for each alias then.
    held = sum(
        number
        for (of, (provider, account, region)), number in tuple(grounds.index.counts.items())
        if (of, provider, region) == (kind, scope.provider, scope.region)
        and (scope.account is None or account == scope.account)
    )
    if held >= ceiling:
        raise Conflict(
            "service_ceiling",
            f"The account holds {ceiling:,} {what} there, and no more fit.",
            remedy="Delete what isn't needed, or let people declare more in another account or region.",
            data={"ceiling": ceiling},
        )


def _standing(rival: Address, resource: ResourceState | None, grounds: Grounds) -> str:
    if resource is None:
        declared = rival in grounds.configuration.resources
        return ": it is declared and not made yet" if declared else ", which was begun and isn't finished"
    return "" if resource.complete else ", which was begun with other values and isn't finished"


def _begun(
    snapshot: Snapshot, index: Index, desired: Desired
) -> list[tuple[Address, str, Attributes, tuple[Address, ...]]]:
    claims = set(claims_of(desired.address.kind, desired.attributes))
    holders = {address for claim in claims for address in index.holders(claim)}
    found = [
        (each.address, each.id, each.attributes, each.references)
        for each in (snapshot.resources[address] for address in sorted(holders))
        if each.origin is Origin.API and not each.complete
    ]
    return found + [
        (intent.address, intent.resource_id, intent.desired.attributes, intent.desired.references)
        for intent in snapshot.intents
        if _creates(intent) and intent.desired is not None and intent.address not in holders
        if claims & set(claims_of(intent.address.kind, intent.desired.attributes))
    ]


def _creates(intent: Intent) -> bool:
    return (
        intent.kind is IntentKind.CREATE
        and intent.desired is not None
        and intent.desired.origin is Origin.API
    )


def _written(new: NewUseCase, setup: ResourceState) -> dict[str, Value]:
    written: dict[str, Value] = {
        "channel": new.channel,
        "entity_name": new.entity_name,
        "name": new.name,
        "description": new.description,
        setup.address.kind: setup.address.name,
    }
    if isinstance(new, NewEmailUseCase):
        return written | {
            "sender_email_address": new.sender_email_address,
            "email_type": new.email_type,
        }
    assert isinstance(new, NewVoiceUseCase)
    if new.channel == "ringless_voicemail":
        written["compliance"] = {"consent": CONSENT}
    return written


def _check_email(new: NewEmailUseCase, setup: ResourceState) -> None:
    for name, text in (("entity_name", new.entity_name), ("name", new.name)):
        if not slug(text):
            raise _invalid(
                (Complaint(name, "It has no letter, and the configuration set's name needs one."),)
            )
    expected = str(setup.attributes["domain_identity"])
    if domain_of(new.sender_email_address).lower() != expected.lower():
        raise Unacceptable(
            "sender_domain_mismatch",
            f"The sender address isn't at {expected}, which the setup verifies.",
            remedy=f"Send from an address at {expected}, or use the setup of the sender's domain.",
            data={"expected_domain": expected},
        )


def _attributes(kind: str, written: Mapping[str, Value], configuration: Configuration) -> Attributes:
    attributes = judged(KINDS[kind], written)
    if isinstance(attributes, tuple):
        raise _invalid(attributes)
    return {**attributes, "tags": dict(configuration.tags)} if KINDS[kind].tagged(attributes) else attributes


def _invalid(mistakes: tuple[Complaint, ...]) -> Unacceptable:
    first = mistakes[0]
    more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
    return Unacceptable(
        "invalid",
        f"{first.attribute}: {first.form}{more}",
        remedy="Correct the request.",
        data={"problems": [{"field": each.attribute, "message": each.form} for each in mistakes]},
    )


def _ses(configuration: Configuration) -> Scope:
    aliases = configuration.providers.ses
    alias = aliases.get("default") or (next(iter(aliases.values())) if len(aliases) == 1 else None)
    if alias is None:
        raise Unprepared(
            "provider_missing",
            "The configuration has no alias `default` under providers.ses, through which the API makes setups.",
            remedy="Add it: providers: {ses: {default: {region: …}}}",
        )
    return Scope("ses", alias.account_id, alias.region, alias.alias)
