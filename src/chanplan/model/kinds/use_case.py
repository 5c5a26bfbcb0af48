"""`use_case`: what a channel is used for: an email sender, a voice line, voicemail drops."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, Field, TypeAdapter

from chanplan.model.addresses import Address, parse_address
from chanplan.model.gates import GateKind
from chanplan.model.kinds.declared import (
    E164,
    Declared,
    EmailAddress,
    EntityName,
    Lifecycle,
    ReferenceName,
    WebUrl,
)
from chanplan.model.kinds.table import Attribute, Effect, GateNeed, Kind, NaturalKey
from chanplan.model.plans import Action, Loss
from chanplan.model.resources import ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts, Value

FIRST_TIER = "onboarding"
"""Every email use case starts here (channel-manager.txt, Email Reputation Tiers)."""

EmailType = Literal["transactional", "marketing"]
Description = Annotated[str, Field(max_length=2000)]
Consent = Literal["prior_express", "prior_express_written"]
Method = Literal["GET", "POST"]
EMAIL_TYPES: tuple[str, ...] = get_args(EmailType)
CONSENTS: tuple[str, ...] = get_args(Consent)
VOICE_CHANNELS = ("inbound_voice", "outbound_voice", "ringless_voicemail")


class UseCase(Declared):
    """What all channels have."""

    entity_name: EntityName = Field(description="Business entity: 1 to 31 letters, spaces and hyphens.")
    name: EntityName = Field(description="Purpose: 1 to 31 letters, spaces and hyphens.")
    description: Description | None = Field(None, description="Free text.")
    lifecycle: Lifecycle = Lifecycle(prevent_destroy=False)


class EmailUseCase(UseCase):
    """An email sender."""

    channel: Literal["email"] = Field(description="What it is used for.")
    ses_setup: ReferenceName = Field(description="The SES setup that it sends through.")
    sender_email_address: EmailAddress = Field(
        description="From address; its domain is the setup's domain identity."
    )
    email_type: EmailType = Field(description="Selects the pool family. A change replaces the use case.")


class Voice(Declared):
    """Where calls go."""

    url: WebUrl | None = Field(
        None, description="What Twilio asks for instructions when a call comes in or is answered."
    )
    method: Method = Field("POST", description="How url is asked.")
    fallback_url: WebUrl | None = Field(None, description="What Twilio asks when url fails.")
    fallback_method: Method = Field("POST", description="How fallback_url is asked.")
    status_callback: WebUrl | None = Field(None, description="What Twilio tells how calls end.")
    status_callback_method: Method = Field("POST", description="How status_callback is asked.")
    caller_id_lookup: bool = Field(
        False, description="Whether Twilio looks up the caller's name, at a price."
    )


class VoiceUseCase(UseCase):
    """What the channels that Twilio serves have."""

    twilio_setup: ReferenceName = Field(description="The Twilio setup that it is bound to.")
    voice: Voice = Voice()
    phone_numbers: Annotated[list[E164], Field(json_schema_extra={"uniqueItems": True})] = Field(
        default_factory=list, description="E.164 numbers that the account owns."
    )


class OutboundVoice(VoiceUseCase):
    """Outbound phone calls."""

    channel: Literal["outbound_voice"] = Field(description="What it is used for.")


class InboundVoice(VoiceUseCase):
    """Inbound phone calls."""

    channel: Literal["inbound_voice"] = Field(description="What it is used for.")


class Compliance(Declared):
    """On what grounds people are reached."""

    consent: Consent = Field(description="How people agreed to be reached; marketing needs it in writing.")


class Detection(Declared):
    """Hints for the sender; kept and shown, not provisioned."""

    timeout_s: Annotated[int, Field(ge=3, le=59)] = Field(
        30, description="Seconds to listen for an answering machine."
    )


class RinglessVoicemail(VoiceUseCase):
    """Voicemail drops without ringing the recipient."""

    channel: Literal["ringless_voicemail"] = Field(description="What it is used for.")
    compliance: Compliance
    detection: Detection | None = None


AnyUseCase = Annotated[
    EmailUseCase | OutboundVoice | InboundVoice | RinglessVoicemail, Field(discriminator="channel")
]


def _declare(declared: BaseModel) -> Attributes:
    assert isinstance(declared, UseCase)
    attributes: dict[str, Value] = {
        "entity_name": declared.entity_name,
        "name": declared.name,
        "description": declared.description,
        "prevent_destroy": declared.lifecycle.prevent_destroy,
    }
    if isinstance(declared, EmailUseCase):
        return attributes | {
            "channel": declared.channel,
            "ses_setup": f"ses_setup.{declared.ses_setup}",
            "sender_email_address": declared.sender_email_address,
            "email_type": declared.email_type,
        }
    assert isinstance(declared, OutboundVoice | InboundVoice | RinglessVoicemail)
    attributes |= {
        "channel": declared.channel,
        "twilio_setup": f"twilio_setup.{declared.twilio_setup}",
        "voice": declared.voice.model_dump(mode="json"),
        "phone_numbers": sorted(set(declared.phone_numbers)),
    }
    if isinstance(declared, RinglessVoicemail):
        attributes["compliance"] = {"consent": declared.compliance.consent}
        attributes["detection"] = (
            None if declared.detection is None else {"timeout_s": declared.detection.timeout_s}
        )
    return attributes


_CHANNEL_STEPS = "Add a second use case for the new channel and apply; remove this one in a second plan."


def _is_email(channel: Value) -> bool:
    return channel == "email"


def _channel_effect(before: Value, after: Value) -> Effect:
    return Effect.REFUSED if _is_email(before) or _is_email(after) else Effect.STATE_ONLY


_CHANNEL = Attribute(Effect.REFUSED, decide=_channel_effect, code="two_step_required", steps=_CHANNEL_STEPS)

_EMAIL_ATTRIBUTES = {
    "channel": _CHANNEL,
    "entity_name": Attribute(Effect.REPLACE),
    "name": Attribute(Effect.REPLACE),
    "description": Attribute(Effect.STATE_ONLY),
    "ses_setup": Attribute(Effect.REPLACE),
    "sender_email_address": Attribute(Effect.STATE_ONLY),
    "email_type": Attribute(Effect.REPLACE),
    "sending_pool": Attribute(Effect.IN_PLACE, derived=True),
    "tags": Attribute(Effect.IN_PLACE, read_in_part=True),
    "prevent_destroy": Attribute(Effect.STATE_ONLY),
}

_VOICE_ATTRIBUTES = {
    "channel": _CHANNEL,
    "entity_name": Attribute(Effect.IN_PLACE),
    "name": Attribute(Effect.IN_PLACE),
    "description": Attribute(Effect.STATE_ONLY),
    "twilio_setup": Attribute(Effect.REPLACE),
    "voice": Attribute(Effect.IN_PLACE),
    "phone_numbers": Attribute(Effect.IN_PLACE, passes_on=True),
    "customer_profile": Attribute(Effect.IN_PLACE, derived=True),
    "compliance": Attribute(Effect.STATE_ONLY),
    "detection": Attribute(Effect.STATE_ONLY),
    "prevent_destroy": Attribute(Effect.STATE_ONLY),
}


def slug(text: str) -> str:
    """Fold a part of a configuration set's name: lower case, runs of spaces and hyphens to one hyphen, none at the ends."""
    return re.sub(r"[ -]+", "-", text.lower()).strip("-")


def configuration_set_name(entity_name: str, name: str) -> str:
    """Derive the name of an email use case's configuration set; at most 63 characters (design 3)."""
    return f"{slug(entity_name)}_{slug(name)}"


def names_behind(set_name: str) -> tuple[str, str] | None:
    """Give an entity_name and a name that make this name of a configuration set, None when none do.

    Several do: `Order Receipts` and `order-receipts` fold to the same. Words with capitals are chosen.
    """
    parts = set_name.split("_")
    if len(parts) != 2 or not all(
        re.fullmatch(r"[a-z-]{1,31}", part) and slug(part) == part for part in parts
    ):
        return None
    return in_words(parts[0]), in_words(parts[1])


def in_words(folded: str) -> str:
    """Write what was folded for a configuration set's name as words again."""
    return " ".join(word.capitalize() for word in folded.split("-"))


def _natural_keys(attributes: Attributes) -> tuple[NaturalKey, ...]:
    entity, name = str(attributes["entity_name"]), str(attributes["name"])
    keys = [NaturalKey("use_case", f"{entity}/{name}".lower())]
    if _is_email(attributes["channel"]):
        keys.append(NaturalKey("configuration_set", configuration_set_name(entity, name)))
        keys.append(NaturalKey("sender", str(attributes["sender_email_address"]).lower(), names_object=False))
    keys += [NaturalKey("phone_number", number, names_object=False) for number in numbers_of(attributes)]
    return tuple(keys)


def numbers_of(attributes: Attributes) -> tuple[str, ...]:
    """Give the phone numbers among attributes; none where there is no line."""
    numbers = attributes.get("phone_numbers")
    return tuple(str(number) for number in numbers) if isinstance(numbers, list | tuple) else ()


@dataclass(frozen=True, slots=True)
class HeldNumber:
    """A phone number that a line is known to hold or to have held."""

    assignment: str | None
    """The assignment to a customer profile that was made for it; None where there was one before."""
    profile_sid: str | None
    """The profile that it was assigned to."""
    assigning: bool = False
    """Whether it was about to be assigned when somebody stopped."""


def numbers_held(facts: Facts) -> Mapping[str, HeldNumber]:
    """Give the phone numbers that facts of a line tell of."""
    numbers, profile = facts.get("numbers"), facts.get("profile_sid")
    if not isinstance(numbers, Mapping):
        return {}
    entries = {number: held if isinstance(held, Mapping) else {} for number, held in numbers.items()}
    begun = facts.get("assigning")
    assigning = begun if isinstance(begun, list | tuple) else ()
    return {
        number: HeldNumber(
            _text(held.get("assignment")),
            _text(held.get("profile_sid") or profile),
            number in assigning or held.get("assigning") is True,
        )
        for number, held in entries.items()
    }


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None


def _gate(attributes: Attributes) -> GateNeed | None:
    if _is_email(attributes["channel"]):
        setup = parse_address(str(attributes["ses_setup"]))
        return None if setup is None else GateNeed(GateKind.DNS_VERIFIED, setup)
    setup = parse_address(str(attributes["twilio_setup"]))
    return None if setup is None else GateNeed(GateKind.PROFILE_APPROVED, setup)


def _losses(attributes: Attributes) -> tuple[Loss, ...]:
    if _is_email(attributes["channel"]):
        entity, name = str(attributes["entity_name"]), str(attributes["name"])
        return (
            Loss(
                "reputation",
                f"The reputation tier and metrics of configuration set {configuration_set_name(entity, name)} are "
                "gone; a new one starts at onboarding.",
            ),
        )
    listed = ", ".join(numbers_of(attributes))
    if listed:
        return (Loss("phone_line", f"Calls to {listed} are no longer answered by this line."),)
    return ()


def _context(attributes: Attributes, resources: Mapping[Address, ResourceState]) -> Facts:
    need = _gate(attributes)
    setup = None if need is None else resources.get(need.on)
    if setup is None:
        return {}
    if _is_email(attributes["channel"]):
        return {
            "tenant_name": setup.attributes["tenant_name"],
            "domain_identity": setup.attributes["domain_identity"],
        }
    return {
        "account_sid": setup.scope.account,
        "customer_profile": setup.attributes["customer_profile"],
    }


def _computed(attributes: Attributes) -> tuple[str, ...]:
    if _is_email(attributes["channel"]):
        return ("id", "tier", "configuration_set_arn", "created_at")
    return ("id", "application_sid", "created_at")


def _import_id(attributes: Attributes, facts: Facts, _scope: Scope) -> str | None:
    if not _is_email(attributes["channel"]):
        return _text(facts.get("application_sid"))
    derived = configuration_set_name(str(attributes["entity_name"]), str(attributes["name"]))
    return _text(facts.get("configuration_set_name")) or derived


def _parse_import_id(text: str) -> Attributes | None:
    if re.fullmatch(r"AP[0-9a-fA-F]{32}", text):
        return {"application_sid": text}
    return {"configuration_set_name": text} if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) else None


KIND = Kind(
    name="use_case",
    section="use_cases",
    title="use case",
    adapter=TypeAdapter(AnyUseCase),
    declare=_declare,
    provider_of=lambda attributes: "ses" if _is_email(attributes["channel"]) else "twilio",
    attributes_of=lambda attributes: (
        _EMAIL_ATTRIBUTES if _is_email(attributes["channel"]) else _VOICE_ATTRIBUTES
    ),
    computed_of=_computed,
    natural_keys=_natural_keys,
    references={"ses_setup": "ses_setup", "twilio_setup": "twilio_setup"},
    parse_import_id=_parse_import_id,
    import_form="CONFIGURATION_SET_NAME or APPLICATION_SID",
    import_id_of=_import_id,
    gate_of=_gate,
    losses_of=_losses,
    context_of=_context,
    replacement_of=lambda attributes: (
        Action.REPLACE if _is_email(attributes["channel"]) else Action.REPLACE_CREATE_FIRST
    ),
    tagged=lambda attributes: _is_email(attributes["channel"]),
    told_apart_by=lambda attributes: "" if _is_email(attributes["channel"]) else "application_sid",
)
