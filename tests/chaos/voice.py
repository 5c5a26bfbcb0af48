"""What a random configuration declares at Twilio: setups, and lines with numbers that move about."""

from dataclasses import dataclass

ACCOUNTS = {"default": "AC" + "1" * 32, "second": "AC" + "2" * 32}
APPROVED, IN_REVIEW, REJECTED = "twilio-approved", "in-review", "twilio-rejected"
OWNED = 120
"""Numbers that each account owns."""
PROFILES = 60
"""Profiles that each account has."""
CHANNELS = ("inbound_voice", "outbound_voice", "ringless_voicemail")


def numbers_of(alias: str) -> tuple[str, ...]:
    """Gives the numbers that lines of an account may have."""
    area = 415 + list(ACCOUNTS).index(alias)
    return tuple(f"+1{area}555{number:04}" for number in range(OWNED))


def profiles_of(alias: str) -> tuple[str, ...]:
    """Gives the profiles of an account."""
    first = list(ACCOUNTS).index(alias) * PROFILES
    return tuple(f"BU{first + number:032x}" for number in range(PROFILES))


@dataclass
class VoiceSetup:
    profile: str
    provider: str
    protected: bool = False
    review: str = APPROVED
    """What Twilio's reviewers think of its profile."""


@dataclass
class Line:
    setup: str
    entity: str
    name: str
    channel: str
    numbers: tuple[str, ...] = ()
    url: str | None = None
    fallback: str | None = None
    callback: str | None = None
    method: str = "POST"
    lookup: bool = False
    description: str | None = None
    consent: str = "prior_express"
    """On a voicemail line alone."""
    seconds: int | None = None
    protected: bool = False
    made: bool = False
    """Whether it must be there: once made it stays, whatever becomes of its setup's profile."""

    @property
    def friendly_name(self) -> str:
        """The name of its Application."""
        return f"{self.entity}/{self.name}"


def voice_of(line: Line) -> dict[str, object]:
    """Says where the calls of a line go, each place as the state keeps it."""
    return {
        "url": line.url,
        "method": line.method,
        "fallback_url": line.fallback,
        "fallback_method": "POST",
        "status_callback": line.callback,
        "status_callback_method": "POST",
        "caller_id_lookup": line.lookup,
    }


def voicemail(line: Line) -> dict[str, object]:
    """Says what only a voicemail line has."""
    if line.channel != "ringless_voicemail":
        return {}
    return {
        "compliance": {"consent": line.consent},
        "detection": None if line.seconds is None else {"timeout_s": line.seconds},
    }


def setup_document(setup: VoiceSetup) -> dict[str, object]:
    """Writes a setup as chanplan reads it."""
    return {
        "customer_profile": {"sid": setup.profile},
        "provider": setup.provider,
        "lifecycle": {"prevent_destroy": setup.protected},
    }


def line_document(line: Line) -> dict[str, object]:
    """Writes a line as chanplan reads it."""
    voice = {name: value for name, value in voice_of(line).items() if value is not None}
    return {
        "channel": line.channel,
        "entity_name": line.entity,
        "name": line.name,
        "twilio_setup": line.setup,
        "voice": voice,
        "phone_numbers": list(line.numbers),
        "lifecycle": {"prevent_destroy": line.protected},
        **({} if line.description is None else {"description": line.description}),
        **{name: value for name, value in voicemail(line).items() if value is not None},
    }


def setup_attributes(setup: VoiceSetup) -> dict[str, object]:
    """Says what the state must remember of a setup."""
    return {
        "account": {"mode": "main"},
        "customer_profile": {"sid": setup.profile},
        "prevent_destroy": setup.protected,
    }


def line_attributes(line: Line, setup: VoiceSetup) -> dict[str, object]:
    """Says what the state must remember of a line once all is done."""
    return {
        "channel": line.channel,
        "entity_name": line.entity,
        "name": line.name,
        "description": line.description,
        "twilio_setup": f"twilio_setup.{line.setup}",
        "voice": voice_of(line),
        "phone_numbers": sorted(line.numbers),
        "prevent_destroy": line.protected,
        "customer_profile": setup.profile if line.numbers else None,
        **voicemail(line),
    }
