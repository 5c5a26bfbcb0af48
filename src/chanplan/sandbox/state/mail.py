"""
Counts of mail by configuration set and UTC day. Nothing is ever sent here: whoever steers the sandbox sets them.

A row also names the tenant and the identity under which that day's mail went out, so that a sum over either stays what
it was when the set changes hands. Rows of days that haven't begun are kept, and shown once the clock gets there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from chanplan.sandbox.state.storage import Scope, Transaction

DAY = 86_400
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The mail of one day, or of several."""

    sends: int = 0
    deliveries: int = 0
    bounces: int = 0
    """Permanent ones."""
    transient_bounces: int = 0
    complaints: int = 0


@dataclass(frozen=True, slots=True)
class Under:
    """Whose mail is meant; what is None narrows nothing down."""

    configuration_set: str | None = None
    tenant: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class MailDay:
    """A stored row."""

    configuration_set: str
    day: int
    tenant: str
    identity: str
    counts: Counts


_COUNTED = tuple(field.name for field in fields(Counts))
_COLUMNS = ", ".join(_COUNTED)
_SUMS = ", ".join(f"sum({name})" for name in _COUNTED)


def put(state: Transaction, scope: Scope, row: MailDay) -> None:
    """Stores a day's counts in place of those that were there."""
    values = (row.configuration_set, row.day, row.tenant, row.identity)
    counts = tuple(getattr(row.counts, name) for name in _COUNTED)
    state.execute(
        "INSERT OR REPLACE INTO mail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*scope, *values, *counts)
    )


def forget(state: Transaction, scope: Scope, configuration_set: str, first: int, last: int) -> int:
    """Removes the counts of some days, both ends included; returns of how many days there were any."""
    return state.execute(
        "DELETE FROM mail WHERE account = ? AND region = ? AND configuration_set = ? AND day BETWEEN ? AND ?",
        (*scope, configuration_set, first, last),
    ).rowcount


def by_day(state: Transaction, scope: Scope, under: Under, first: int, last: int) -> Mapping[int, Counts]:
    """Sums up the mail of each day from `first` to `last`, both included; days without any row aren't there."""
    wanted = {
        "configuration_set": under.configuration_set,
        "tenant": under.tenant,
        "identity": under.identity,
    }
    named = {column: value for column, value in wanted.items() if value is not None}
    narrowed = "".join(f" AND {column} = ?" for column in named)
    found = state.execute(
        f"SELECT day, {_SUMS} FROM mail WHERE account = ? AND region = ?{narrowed}"  # noqa: S608 - column names only
        " AND day BETWEEN ? AND ? GROUP BY day ORDER BY day",
        (*scope, *named.values(), first, last),
    )
    return {day: Counts(*sums) for day, *sums in found}


def rows(state: Transaction, scope: Scope, configuration_set: str) -> list[MailDay]:
    """Returns every day of a configuration set, the oldest first."""
    found = state.execute(
        f"SELECT configuration_set, day, tenant, identity, {_COLUMNS} FROM mail"  # noqa: S608 - column names only
        " WHERE account = ? AND region = ? AND configuration_set = ? ORDER BY day",
        (*scope, configuration_set),
    )
    return [
        MailDay(name, day, tenant, identity, Counts(*counts))
        for name, day, tenant, identity, *counts in found
    ]


def sets(state: Transaction) -> list[tuple[Scope, str]]:
    """Returns the configuration sets that have any mail, with their account and region."""
    found = state.execute(
        "SELECT DISTINCT account, region, configuration_set FROM mail ORDER BY account, region, configuration_set"
    )
    return [(Scope(account, region), name) for account, region, name in found]
