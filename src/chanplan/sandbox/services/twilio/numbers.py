"""Numbers that an account owns: what they are bound to, and their release."""

import re
from fnmatch import translate

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.twilio import assignments, paging, quirks
from chanplan.sandbox.services.twilio.answering import ATTRIBUTES, at_first
from chanplan.sandbox.services.twilio.call import TwilioCall
from chanplan.sandbox.services.twilio.kinds import (
    APPLICATION,
    EVERYWHERE,
    NUMBER,
    OWNER_OF_NUMBER,
    new_sid,
    scope_of,
)
from chanplan.sandbox.services.twilio.refusals import refused
from chanplan.sandbox.services.twilio.times import rfc_2822
from chanplan.sandbox.state.storage import Transaction

_PARAMETERS = {
    **ATTRIBUTES,
    "SmsApplicationSid": "sms_application_sid",
    "VoiceApplicationSid": "voice_application_sid",
    "TrunkSid": "trunk_sid",
    "VoiceReceiveMode": "voice_receive_mode",
}
_ALL = 1_000_000


def fetch_incoming_phone_number(call: TwilioCall) -> Document:
    """Answers one."""
    return shown(_existing(call))


def list_incoming_phone_number(call: TwilioCall) -> Document:
    """Lists those of an account; `PhoneNumber` may have `*` for any characters."""
    name, origin, beta = (call.params.get(each) for each in ("FriendlyName", "Origin", "Beta"))
    pattern = _pattern(call.params.get("PhoneNumber", "*"))

    def keep(number: Document) -> bool:
        return (
            pattern.fullmatch(number["phone_number"]) is not None
            and name in (None, number["friendly_name"])
            and origin in (None, "twilio")
            and beta in (None, False)
        )

    filtered = any(given in call.params for given in ("FriendlyName", "Origin", "Beta", "PhoneNumber"))
    return paging.v2010(call, NUMBER, "incoming_phone_numbers", shown, keep if filtered else None)


def update_incoming_phone_number(call: TwilioCall) -> Document:
    """Changes what is given; binding to an Application unbinds from a trunk, and the other way round."""
    number = _existing(call)
    given = {_PARAMETERS[name]: value for name, value in call.params.items() if name in _PARAMETERS}
    if given.get("voice_application_sid") and given.get("trunk_sid"):
        raise refused(20001, "VoiceApplicationSid and TrunkSid exclude each other")
    for name in ("voice_application_sid", "sms_application_sid"):
        if given.get(name) and call.get(APPLICATION, given[name]) is None:
            raise refused(20001, f"{given[name]} is no Application of this account")
    changed = {**number, **_without_rival(given), "updated": call.now}
    call.put(NUMBER, changed["sid"], changed)
    return shown(changed)


def delete_incoming_phone_number(call: TwilioCall) -> Document:
    """Releases one; whoever owns it next, it isn't this account."""
    release(call.state, _existing(call))
    return {}


def made(state: Transaction, now: float, account: str, phone_number: str) -> Document:
    """Gives an account a number that nobody has."""
    number: Document = {
        **at_first(),
        "friendly_name": phone_number,
        "sms_application_sid": None,
        "voice_application_sid": None,
        "trunk_sid": None,
        "voice_receive_mode": "voice",
        "phone_number": phone_number,
        "sid": new_sid(state, account, "PN"),
        "account_sid": account,
        "created": now,
        "updated": now,
    }
    state.put(scope_of(account), NUMBER, number["sid"], number, now)
    place = {"account": account, "sid": number["sid"]}
    for key in (number["sid"], phone_number):
        state.put(EVERYWHERE, OWNER_OF_NUMBER, key, place, now)
    return number


def release_all(state: Transaction, account: str) -> None:
    """Takes all its numbers from an account."""
    for row in state.rows(scope_of(account), NUMBER, limit=_ALL):
        release(state, row.value)


def release(state: Transaction, number: Document) -> None:
    """Takes a number from its account, and from the profile that it is on."""
    assignments.forget_number(state, number["sid"])
    state.delete(scope_of(number["account_sid"]), NUMBER, number["sid"])
    for key in (number["sid"], number["phone_number"]):
        state.delete(EVERYWHERE, OWNER_OF_NUMBER, key)


def _existing(call: TwilioCall) -> Document:
    found = call.get(NUMBER, call.params["Sid"])
    if found is None:
        raise refused(20404, call.path)
    return found


def _without_rival(given: Document) -> Document:
    if given.get("voice_application_sid"):
        return {**given, "trunk_sid": None}
    if given.get("trunk_sid"):
        return {**given, "voice_application_sid": None}
    return given


def _pattern(wanted: str) -> re.Pattern[str]:
    # Only `*` is a wildcard: fnmatch's others are put in brackets, where they stand for themselves.
    return re.compile(translate(re.sub(r"[?\[]", lambda found: f"[{found[0]}]", wanted)))


def shown(number: Document) -> Document:
    """Returns a number as the API shows it."""
    kept = {name: value for name, value in number.items() if name not in ("created", "updated")}
    empty = {name: "" for name in quirks.UNSET_OF_NUMBERS.value if not kept[name]}
    return {
        **kept,
        **empty,
        "trunk_sid": kept["trunk_sid"] or None,
        "address_sid": None,
        "address_requirements": "none",
        "beta": False,
        "bundle_sid": None,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": rfc_2822(number["created"]),
        "date_updated": rfc_2822(number["updated"]),
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "identity_sid": None,
        "origin": "twilio",
        "status": "in-use",
        "type": "local",
        "uri": f"/2010-04-01/Accounts/{number['account_sid']}/IncomingPhoneNumbers/{number['sid']}.json",
    }
