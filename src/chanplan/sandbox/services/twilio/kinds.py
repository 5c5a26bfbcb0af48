"""How Twilio's kinds are called in the state file, where they are kept, and how their SIDs are made."""

import hashlib
from collections.abc import Callable, Mapping

from chanplan.sandbox.documents import Document
from chanplan.sandbox.state.storage import Scope, Transaction

REGION = "us1"
EVERYWHERE = Scope("twilio", REGION)
"""Where accounts, keys and the indexes over all accounts are."""

ACCOUNT = "twilio.account"
KEY = "twilio.key"
APPLICATION = "twilio.application"
NUMBER = "twilio.number"
PROFILE = "twilio.profile"
ASSIGNMENT = "twilio.assignment"
"""Under `PROFILE_SID/ASSIGNMENT_SID`."""
OWNER_OF_NUMBER = "twilio.owner-of-number"
"""From a number's SID, and from its E.164, to its account and SID."""
PLACE_OF_NUMBER = "twilio.place-of-number"
"""From a number's SID to the profile that it is on."""
SUBACCOUNT = "twilio.subaccount"
"""In the parent's own scope, so that they can be counted."""

INDEXES = frozenset({OWNER_OF_NUMBER, PLACE_OF_NUMBER, SUBACCOUNT})


_LABELS: Mapping[str, Callable[[str, Document], str]] = {
    ACCOUNT: lambda sid, account: f"{sid} {account['status']}",
    APPLICATION: lambda sid, application: f"{sid} {application['friendly_name']}",
    NUMBER: lambda _, number: f"{number['phone_number']} {_holder(number)}".strip(),
    PROFILE: lambda sid, profile: f"{sid} {profile['status']}",
    ASSIGNMENT: lambda _, each: f"{each['channel_endpoint_sid']} on {each['customer_profile_sid']}",
}


def label(kind: str, key: str, value: Document) -> str:
    """Returns what tells people most about an object; its key where nothing does."""
    labelled = _LABELS.get(kind)
    return key if labelled is None else labelled(key, value)


def _holder(number: Document) -> str:
    sid = number["voice_application_sid"] or number["trunk_sid"]
    return f"bound to {sid}" if sid else ""


def scope_of(account: str) -> Scope:
    """Returns where the objects of an account are."""
    return Scope(account, REGION)


def new_sid(state: Transaction, account: str, prefix: str) -> str:
    """Makes a SID that was never there, yet the same one in every run that makes the same things."""
    number = state.generation(scope_of(account), prefix)
    return prefix + hashlib.sha256(f"{account}/{prefix}/{number}".encode()).hexdigest()[:32]
