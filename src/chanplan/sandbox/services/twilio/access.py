"""Who may call for which account: accounts that come into being, tokens, API keys, parents, statuses."""

import hashlib
from dataclasses import dataclass, field

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.twilio import accounts, quirks
from chanplan.sandbox.services.twilio.kinds import EVERYWHERE, KEY
from chanplan.sandbox.services.twilio.refusals import refused
from chanplan.sandbox.state.storage import Transaction


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who wants to call."""

    user: str
    password: str = field(repr=False)
    account: str | None
    """The account that the path names, if it names one."""
    writes: bool
    of_accounts: bool
    """Whether the call is about the account itself, which a parent may change whatever its status."""


def account_meant(state: Transaction, user: str, named: str | None) -> str:
    """Returns the account that a call is about, before anybody has looked at its credentials."""
    if named is not None:
        return named
    key = state.get(EVERYWHERE, KEY, user)
    if key is not None:
        return str(key["account"])
    return user if user.startswith("AC") else quirks.DEFAULT_ACCOUNT.value


def admitted(state: Transaction, now: float, entry: Entry) -> str:
    """
    Returns the account whose credentials these are, when they reach the account that is meant.

    Raises:
        ServiceError: they are wrong, don't reach it, or an account's status stands against the call.
    """
    caller = (
        _key_holder(state, now, entry) if entry.user.startswith("SK") else _account_holder(state, now, entry)
    )
    account = accounts.known(state, caller)
    if account["status"] == "closed":
        raise refused(20003, "the account is closed")
    # What is done to a parent is done to its subaccounts.
    if account["status"] != "active" or accounts.known(state, account["owner"])["status"] != "active":
        raise refused(20005, "it is suspended")
    if entry.account not in (None, caller):
        _check_reach(state, now, entry, caller)
    return caller


def _account_holder(state: Transaction, now: float, entry: Entry) -> str:
    if not accounts.is_sid(entry.user):
        raise refused(20003, "invalid username")
    account = accounts.met(state, now, entry.user, owner=entry.user)
    if entry.password == accounts.token_of(entry.user):
        return entry.user
    mark = _mark(entry.user, entry.password)
    if account["token"] is None:
        accounts.keep(state, {**account, "token": mark})
    elif account["token"] != mark:
        raise refused(20003, "invalid username or password")
    return entry.user


def _key_holder(state: Transaction, now: float, entry: Entry) -> str:
    key = state.get(EVERYWHERE, KEY, entry.user)
    mark = _mark(entry.user, entry.password)
    if key is None:
        account = entry.account or quirks.DEFAULT_ACCOUNT.value
        accounts.met(state, now, account, owner=account)
        if entry.account is not None:
            key = {"account": account, "secret": mark}
            state.put(EVERYWHERE, KEY, entry.user, key, now)
        return account
    if key["secret"] is None:
        key["secret"] = mark
        state.put(EVERYWHERE, KEY, entry.user, key, now)
    elif key["secret"] != mark:
        raise refused(20003, "invalid username or password")
    if entry.account not in (None, key["account"]):
        raise refused(20003, "the key is another account's")
    return str(key["account"])


def _check_reach(state: Transaction, now: float, entry: Entry, caller: str) -> None:
    assert entry.account is not None
    reached: Document = accounts.met(state, now, entry.account, owner=caller)
    if reached["owner"] != caller:
        raise refused(20003, "these credentials don't reach the account")
    if entry.writes and not entry.of_accounts and reached["status"] != "active":
        raise refused(20005, f"it is {reached['status']}")


def _mark(user: str, password: str) -> str:
    """Returns what is kept of a password, since it may be a real one that somebody left in their environment."""
    return hashlib.sha256(f"{user}/{password}".encode()).hexdigest()
