"""How what exists could be declared: what the service tells, what a person said once, and what is left to fill in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chanplan.model.discoveries import FILL_IN, Answers, Discovered, Gap
from chanplan.model.kinds.use_case import VOICE_CHANNELS, slug
from chanplan.model.values import Value

_SAMPLES: Mapping[str, Value] = {
    "channel": "inbound_voice",
    "email_type": "transactional",
    "family": "transactional",
    "tiers": ["onboarding"],
    "twilio_setup": "sample",
    "sender_email_address": "sample@mail.example.com",
    "consent": "prior_express",
}
"""What could stand at gaps, so that the rest of a declaration can be judged."""


@dataclass(slots=True)
class Draft:
    """A declaration in the making."""

    declared: dict[str, Value] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def leave_open(self, attribute: str, choices: str, why: str) -> None:
        """Leave a value to be filled in."""
        self.declared[attribute] = FILL_IN
        self.gaps.append(Gap((attribute,), choices, why))

    def sampled(self) -> dict[str, Value]:
        """Give the declaration with something that could stand at each gap."""
        filled = dict(self.declared)
        for gap in self.gaps:
            head, *rest = gap.path
            filled[head] = {rest[0]: _SAMPLES[rest[0]]} if rest else _SAMPLES[head]
        return filled


def pool(found: Discovered, answers: Answers) -> Draft:
    """Declare a sending pool."""
    name = str(found.attributes["pool_name"])
    draft = Draft({"pool_name": name})
    said = answers.pools.get(name)
    if said is None:
        why = "SES doesn't know which mail a pool is for; or say --pool NAME=FAMILY."
        draft.leave_open("family", "transactional or marketing", why)
        draft.leave_open("tiers", "a list of onboarding, standard, premium", "SES knows no tiers.")
    else:
        draft.declared |= {"family": said.family, "tiers": list(said.tiers)}
    draft.declared["scaling"] = found.attributes["scaling"]
    return _at(draft, found)


def ses_setup(found: Discovered) -> Draft:
    """Declare a setup of SES. What isn't set there is left to the default, which the note on it names."""
    told = ("tenant_name", "domain_identity", "mail_from", "reputation_policy", "receiving")
    return _at(Draft({name: found.attributes[name] for name in told if name in found.attributes}), found)


def twilio_setup(found: Discovered) -> Draft:
    """Declare a setup of Twilio: the alias's own account, and a profile in it."""
    return _at(Draft({"customer_profile": found.attributes["customer_profile"]}), found)


def email_use_case(found: Discovered, setup: str, domain: str, family: str | None, answers: Answers) -> Draft:
    """Declare an email sender. `family` is that of the pool that it sends through, where anybody knows it."""
    draft = Draft(
        {
            "channel": "email",
            "entity_name": found.attributes["entity_name"],
            "name": found.attributes["name"],
            "ses_setup": setup,
        }
    )
    if answers.sender_local_part is None:
        leave_sender_open(draft, domain, "SES doesn't know which address sends; or say --sender-local-part.")
    else:
        draft.declared["sender_email_address"] = f"{_local_part(found, answers.sender_local_part)}@{domain}"
    email_type = family or answers.email_type
    if email_type is None:
        draft.leave_open(
            "email_type",
            "transactional or marketing",
            "SES doesn't know what the mail is; or say --email-type. A later change replaces the use case.",
        )
    else:
        draft.declared["email_type"] = email_type
    return draft


def leave_sender_open(draft: Draft, domain: str, why: str) -> None:
    """Leave the sender's address to be filled in."""
    draft.leave_open("sender_email_address", f"an address at {domain}", why)


def voice_use_case(found: Discovered, setup: str | None, answers: Answers) -> Draft:
    """Declare a voice line."""
    attributes = found.attributes
    draft = Draft()
    if answers.channel is None:
        why = "Twilio doesn't know what a line is used for; or say --channel."
        draft.leave_open("channel", ", ".join(VOICE_CHANNELS), why)
    else:
        draft.declared["channel"] = answers.channel
    draft.declared |= {"entity_name": attributes["entity_name"], "name": attributes["name"]}
    if setup is None:
        draft.leave_open(
            "twilio_setup",
            "the name of a Twilio setup",
            "No number of it is on a profile, and there are several.",
        )
    else:
        draft.declared["twilio_setup"] = setup
    if voice := _voice(attributes.get("voice")):
        draft.declared["voice"] = voice
    if attributes.get("phone_numbers"):
        draft.declared["phone_numbers"] = attributes["phone_numbers"]
    if answers.channel == "ringless_voicemail":
        draft.declared["compliance"] = {"consent": answers.consent or FILL_IN}
        if answers.consent is None:
            why = "Only you know how people agreed; or say --consent."
            gap = Gap(("compliance", "consent"), "prior_express or prior_express_written", why)
            draft.gaps.append(gap)
    return draft


def _voice(told: Value) -> dict[str, Value]:
    """Give what is set of a line's voice settings; a method says nothing where its URL isn't set."""
    if not isinstance(told, Mapping):
        return {}
    declared: dict[str, Value] = {}
    for url, method in (
        ("url", "method"),
        ("fallback_url", "fallback_method"),
        ("status_callback", "status_callback_method"),
    ):
        if told.get(url):
            declared[url] = told[url]
            if told.get(method) != "POST":
                declared[method] = told.get(method)
    if told.get("caller_id_lookup"):
        declared["caller_id_lookup"] = True
    return declared


def _at(draft: Draft, found: Discovered) -> Draft:
    if found.scope.alias != "default":
        draft.declared["provider"] = found.scope.alias
    return draft


def _local_part(found: Discovered, form: str) -> str:
    entity, name = slug(str(found.attributes["entity_name"])), slug(str(found.attributes["name"]))
    return form.replace("{entity}", entity).replace("{name}", name)
