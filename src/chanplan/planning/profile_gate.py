"""Judging `profile_approved`: what Twilio says of a customer profile and of the account that holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.resources import Observed
from chanplan.model.snapshots import Observation
from chanplan.model.values import Facts, Value

NOTICE = timedelta(days=30)
"""How long before a profile's approval ends a plan says so (twilio.md 1.4)."""
ACTIVE = "active"
"""The status of an account that can be used; the others are `suspended` and `closed` (twilio.md 2)."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason for which Twilio rejects a profile."""

    meaning: str
    change: str
    """What to do about it."""


REJECTIONS: Mapping[int, Rejection] = {
    18601: Rejection(
        "the business name and the website can't be connected",
        "Give the legal business name as the website shows it, and a website that can be reached and names the business",
    ),
    18602: Rejection(
        "the business registration number can't be verified",
        "Correct the registration number and its kind (EIN, VAT, …) to those of the business register",
    ),
    18603: Rejection(
        "the business address can't be verified", "Correct the address to the one in the business register"
    ),
    18604: Rejection(
        "the first authorized representative can't be verified",
        "Correct name, email address, phone number and job position of the first representative",
    ),
    18605: Rejection(
        "the second authorized representative can't be verified",
        "Correct name, email address, phone number and job position of the second representative",
    ),
    18606: Rejection(
        "the representative's email address isn't of the website's domain",
        "Give an email address of the business's own domain, or the website that goes with the address",
    ),
    18607: Rejection(
        "the profile isn't eligible to be copied", "Make a profile of its own instead of a copy of another"
    ),
    18608: Rejection(
        "the profile was copied already", "Use the copy that exists, and name its SID in customer_profile"
    ),
    18609: Rejection(
        "the registration authority isn't eligible",
        "Give a registration by an authority that Twilio accepts for the business's country",
    ),
}
"""Twilio's codes of rejected customer profiles, as of 2026-03: changelog "Introducing error codes for Trust Hub customer
profiles" (https://www.twilio.com/en-us/changelog/introducing-error-codes-for-trust-hub-customer-profiles; twilio.md 1.4).
The advice is ours."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer profile as far as it is known. Names and SIDs are for people."""

    setup: Address
    sid: str
    facts: Facts
    """What was read last: `profile_status`, `profile_valid_until`, `profile_errors`, `account_status`, …"""

    @property
    def words(self) -> str:
        """What to call it."""
        name = self.facts.get("profile_name")
        return f"Customer profile {self.sid} ({name})" if name else f"Customer profile {self.sid}"

    @property
    def account_status(self) -> str:
        """The status of its account; active as long as nobody said otherwise."""
        status = self.facts.get("account_status")
        return status if isinstance(status, str) else ACTIVE

    @property
    def valid_until(self) -> datetime | None:
        """When the approval ends; None when it doesn't, or nobody said so."""
        value = self.facts.get("profile_valid_until")
        if not isinstance(value, str):
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def profile_of(
    setup: Address, sid: str, observed: Observed | None, observation: Observation | None
) -> Profile:
    """Give what is known of a profile: what was read now, over what was stored earlier of the same profile."""
    stored: Facts = {} if observation is None else observation.facts
    if stored.get("profile_sid") != sid:
        stored = {}
    return Profile(setup, sid, {**stored, **({} if observed is None else observed.facts)})


def profile_gate(profile: Profile, now: datetime) -> Gate:
    """Judge by the profile's status and validity. An account that isn't active leaves it unknown."""
    if profile.account_status != ACTIVE:
        return _gate(
            profile,
            GateState.UNKNOWN,
            f"Its account is {profile.account_status}: nothing can be done there.",
            f"Make the account active again in the Twilio Console, or name another one in {profile.setup}",
        )
    status, until = profile.facts.get("profile_status"), profile.valid_until
    match status:
        case "twilio-approved" if until is not None and until <= now:
            return _gate(
                profile,
                GateState.EXPIRED,
                f"{profile.words} was approved until {until:%Y-%m-%d}.",
                f"Renew {profile.sid} in the Twilio Console (Trust Hub), or name an approved profile in {profile.setup}",
            )
        case "twilio-approved":
            end = "" if until is None else f", until {until:%Y-%m-%d}"
            return _gate(profile, GateState.OPEN, f"{profile.words} is approved{end}.")
        case "twilio-rejected":
            return _rejected(profile)
        case "draft":
            return _gate(
                profile,
                GateState.PENDING,
                f"{profile.words} is a draft, which Twilio doesn't review.",
                f"Submit {profile.sid} for review in the Twilio Console (Trust Hub)",
            )
        case "pending-review":
            return _gate(
                profile,
                GateState.PENDING,
                f"{profile.words} is submitted. Twilio reviews a business in 1 to 3 business days; nobody else needs to "
                "act.",
            )
        case "in-review":
            return _gate(
                profile,
                GateState.PENDING,
                f"Twilio is reviewing {_lowered(profile.words)}; nobody else needs to act.",
            )
        case str():
            return _gate(
                profile, GateState.UNKNOWN, f"{profile.words} is {status}, which this version doesn't know."
            )
        case _:
            return _gate(profile, GateState.UNKNOWN, "The customer profile's status wasn't read.")


def profile_unmade(setup: Address) -> Gate:
    """Give the gate of a setup that isn't made, and of whose profile nothing was read."""
    return Gate(GateKind.PROFILE_APPROVED, setup, GateState.PENDING, detail=f"{setup} isn't made yet.")


def profile_missing(setup: Address, sid: str) -> Gate:
    """Give the gate of a setup whose profile was looked for and isn't there."""
    return Gate(
        GateKind.PROFILE_APPROVED,
        setup,
        GateState.FAILED,
        detail=f"Its account has no customer profile {sid}.",
        todo=(f"Correct customer_profile of {setup}",),
    )


def profile_unread(setup: Address) -> Gate:
    """Give the gate of a setup that this plan binds to a profile of which nothing was read."""
    detail = "This plan binds another customer profile; whether that one is approved isn't known yet."
    return Gate(GateKind.PROFILE_APPROVED, setup, GateState.UNKNOWN, detail=detail)


def _rejected(profile: Profile) -> Gate:
    codes = _codes(profile.facts.get("profile_errors"))
    known = [(code, REJECTIONS.get(code)) for code in codes]
    meanings = "; ".join(
        f"{code}, which this version doesn't know" if reason is None else f"{code}, {reason.meaning}"
        for code, reason in known
    )
    steps = [f"{reason.change} ({code})" for code, reason in known if reason is not None]
    return _gate(
        profile,
        GateState.FAILED,
        f"Twilio rejected {_lowered(profile.words)}"
        + (f": {meanings}." if meanings else ", and gives no reason here."),
        *steps,
        f"Submit {profile.sid} again in the Twilio Console (Trust Hub), which also shows what Twilio wrote",
    )


def _codes(value: Value) -> Sequence[int]:
    return [code for code in value if isinstance(code, int)] if isinstance(value, list | tuple) else []


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]


def _gate(profile: Profile, state: GateState, detail: str, *todo: str) -> Gate:
    return Gate(GateKind.PROFILE_APPROVED, profile.setup, state, detail=detail, todo=todo)
