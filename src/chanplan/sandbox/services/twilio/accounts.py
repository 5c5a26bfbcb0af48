"""Accounts and subaccounts: how they come into being, are read, renamed, suspended and closed."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.twilio import numbers, paging, quirks
from chanplan.sandbox.services.twilio.call import TwilioCall
from chanplan.sandbox.services.twilio.kinds import ACCOUNT, EVERYWHERE, SUBACCOUNT, new_sid, scope_of
from chanplan.sandbox.services.twilio.refusals import refused
from chanplan.sandbox.services.twilio.times import rfc_2822
from chanplan.sandbox.state.storage import Transaction

_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_PARTS = (
    "addresses",
    "applications",
    "authorized_connect_apps",
    "available_phone_numbers",
    "balance",
    "calls",
    "conferences",
    "connect_apps",
    "incoming_phone_numbers",
    "keys",
    "messages",
    "notifications",
    "outgoing_caller_ids",
    "queues",
    "recordings",
    "signing_keys",
    "transcriptions",
    "usage",
)


def create_account(call: TwilioCall) -> Document:
    """Makes a subaccount of the caller."""
    if known(call.state, call.caller)["owner"] != call.caller:
        raise refused(20003, "a subaccount has no subaccounts")
    if call.state.count(scope_of(call.caller), SUBACCOUNT) >= quirks.SUBACCOUNTS.value:
        raise refused(21480, quirks.SUBACCOUNTS.value)
    name = call.params.get("FriendlyName") or _made_up_name(call.now)
    sid = new_sid(call.state, call.caller, "AC")
    return shown(made(call.state, call.now, sid, owner=call.caller, name=name, lets_in_anybody=False))


def fetch_account(call: TwilioCall) -> Document:
    """Answers an account, also a closed one to its parent."""
    return shown(known(call.state, call.account))


def list_account(call: TwilioCall) -> Document:
    """Lists the caller and its subaccounts, closed ones too."""
    name, status = call.params.get("FriendlyName"), call.params.get("Status")

    def keep(account: Document) -> bool:
        return (
            call.caller in (account["sid"], account["owner"])
            and name in (None, account["friendly_name"])
            and status in (None, account["status"])
        )

    return paging.v2010(replace(call, scope=EVERYWHERE), ACCOUNT, "accounts", shown, keep)


def update_account(call: TwilioCall) -> Document:
    """Renames an account, or changes its status, which only its parent may; closing can't be undone."""
    account = known(call.state, call.account)
    if account["status"] == "closed":
        raise refused(20001, "the account is closed, for good")
    status = call.params.get("Status", account["status"])
    if status != account["status"] and account["owner"] in (account["sid"], None):
        raise refused(20001, "Status: a main account's can't be changed here")
    if status != account["status"] and call.caller != account["owner"]:
        raise refused(20003, "only its parent changes an account's status")
    changed = {
        **account,
        "friendly_name": call.params.get("FriendlyName", account["friendly_name"]),
        "status": status,
        "updated": call.now,
    }
    keep(call.state, changed)
    if status == "closed":
        numbers.release_all(call.state, call.account)
    return shown(changed)


def is_sid(text: str) -> bool:
    """Tells whether a text can be an account's SID."""
    return _SID.fullmatch(text) is not None


def token_of(sid: str) -> str:
    """Returns the sandbox's own token of an account: made up, and no secret."""
    return hashlib.sha256(f"token/{sid}".encode()).hexdigest()[:32]


def met(state: Transaction, now: float, sid: str, *, owner: str) -> Document:
    """Returns an account, which comes into being when it isn't there."""
    found = state.get(EVERYWHERE, ACCOUNT, sid)
    if found is not None:
        return found
    name = "Sandbox" if owner == sid else _made_up_name(now)
    return made(state, now, sid, owner=owner, name=name, lets_in_anybody=sid != quirks.DEFAULT_ACCOUNT.value)


def made(
    state: Transaction, now: float, sid: str, *, owner: str, name: str, lets_in_anybody: bool
) -> Document:
    """Makes an account; one that lets in anybody keeps to the first token that it is used with, beside its own."""
    account: Document = {
        "sid": sid,
        "owner": owner,
        "friendly_name": name,
        "status": "active",
        "created": now,
        "updated": now,
        "token": None if lets_in_anybody else "",
    }
    state.put(EVERYWHERE, ACCOUNT, sid, account, now)
    if owner != sid:
        state.put(scope_of(owner), SUBACCOUNT, sid, {}, now)
    return account


def known(state: Transaction, sid: str) -> Document:
    """Returns an account that was met before."""
    found = state.get(EVERYWHERE, ACCOUNT, sid)
    assert found is not None
    return found


def keep(state: Transaction, account: Document) -> None:
    """Stores a changed account."""
    state.put(EVERYWHERE, ACCOUNT, account["sid"], account, account["created"])


def _made_up_name(now: float) -> str:
    at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M %p")
    return quirks.ACCOUNT_NAME.value.format(time=at)


def shown(account: Document) -> Document:
    """Returns an account as the API shows it."""
    sid = account["sid"]
    uri = f"/2010-04-01/Accounts/{sid}"
    return {
        "auth_token": token_of(sid),
        "date_created": rfc_2822(account["created"]),
        "date_updated": rfc_2822(account["updated"]),
        "friendly_name": account["friendly_name"],
        "owner_account_sid": account["owner"],
        "sid": sid,
        "status": account["status"],
        "subresource_uris": {
            part: f"{uri}/{''.join(word.capitalize() for word in part.split('_'))}.json" for part in _PARTS
        },
        "type": "Full",
        "uri": f"{uri}.json",
    }
