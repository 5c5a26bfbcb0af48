"""What Twilio's answers say, in our words: typed, and with `""` and null both as None.

Twilio leaves members out, answers `""` where nothing is set and null elsewhere (twilio.md 2), and newer answers hold more
than this version knows; so everything is asked for by name and may be absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

Instance: TypeAlias = object
"""An object of the SDK, which has no types."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account, without its `auth_token`, which every answer holds and nobody here looks at."""

    sid: str
    name: str | None
    status: str | None
    """`active`, `suspended` or `closed`."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer profile in the Trust Hub."""

    sid: str
    account_sid: str | None
    name: str | None
    status: str | None
    """`draft`, `pending-review`, `in-review`, `twilio-approved` or `twilio-rejected`."""
    valid_until: str | None
    """ISO 8601."""
    errors: tuple[int, ...]
    """Why it was rejected, by Twilio's codes."""
    policy_sid: str | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """The place of a phone number on a profile."""

    sid: str
    endpoint_sid: str | None


@dataclass(frozen=True, slots=True)
class Application:
    """What answers calls."""

    sid: str
    name: str
    """Its FriendlyName."""
    voice_url: str | None
    voice_method: str | None
    voice_fallback_url: str | None
    voice_fallback_method: str | None
    status_callback: str | None
    status_callback_method: str | None
    voice_caller_id_lookup: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number that the account owns."""

    sid: str
    phone_number: str
    """E.164."""
    application_sid: str | None
    trunk_sid: str | None
    voice_capable: bool


def account_in(told: Instance) -> Account:
    """Read an account."""
    return Account(required(told, "sid"), text(told, "friendly_name"), status(told))


def profile_in(told: Instance) -> Profile:
    """Read a customer profile."""
    return Profile(
        required(told, "sid"),
        text(told, "account_sid"),
        text(told, "friendly_name"),
        status(told),
        moment(getattr(told, "valid_until", None)),
        _codes(getattr(told, "errors", None)),
        text(told, "policy_sid"),
    )


def assignment_in(told: Instance) -> Assignment:
    """Read an assignment."""
    return Assignment(required(told, "sid"), text(told, "channel_endpoint_sid"))


def application_in(told: Instance) -> Application:
    """Read an Application."""
    return Application(
        required(told, "sid"),
        text(told, "friendly_name") or "",
        text(told, "voice_url"),
        text(told, "voice_method"),
        text(told, "voice_fallback_url"),
        text(told, "voice_fallback_method"),
        text(told, "status_callback"),
        text(told, "status_callback_method"),
        getattr(told, "voice_caller_id_lookup", None) is True,
    )


def number_in(told: Instance) -> Number:
    """Read a phone number."""
    can = getattr(told, "capabilities", None)
    return Number(
        required(told, "sid"),
        text(told, "phone_number") or "",
        text(told, "voice_application_sid"),
        text(told, "trunk_sid"),
        # Where nothing is said, Twilio itself refuses what can't be.
        not (isinstance(can, Mapping) and can.get("voice") is False),
    )


def text(told: Instance, member: str) -> str | None:
    """Give a text, or None where it is missing, null or empty."""
    value = getattr(told, member, None)
    return value if isinstance(value, str) and value else None


def required(told: Instance, member: str) -> str:
    """Give a text that every answer has. Raises ValueError when it isn't there."""
    value = text(told, member)
    if value is None:
        raise ValueError(member)
    return value


def status(told: Instance) -> str | None:
    """Give a status in the spelling of the description: statuses of other objects have changed theirs before
    (twilio.md 1.1)."""
    value = text(told, "status")
    return None if value is None else value.lower().replace("_", "-")


def moment(value: object) -> str | None:
    """Give a time in ISO 8601 and UTC. The SDK gives a text where it can't read one, as with fractions of a second."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _codes(errors: object) -> tuple[int, ...]:
    listed = errors if isinstance(errors, list) else []
    codes = [str(error.get("code")) for error in listed if isinstance(error, Mapping)]
    return tuple(int(code) for code in codes if code.isdecimal())
