"""Sets from outside what nobody does at the sandbox's SES: mail that goes out, what becomes of it, and what AWS thinks of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.services.ses import account, event_destinations, findings, names
from chanplan.sandbox.state import clock, mail
from chanplan.sandbox.state.mail import DAY, Counts, MailDay
from chanplan.sandbox.state.storage import Scope, Storage, Transaction

_FIRST_DAY = date(1970, 1, 1)
_ALL = 1_000_000_000
REFUSALS = ("ACCESS_DENIED", "INTERNAL_FAILURE")
"""How BatchGetMetricData refuses one query of a batch."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something of SES by its name, and where it is."""

    account: str
    region: str
    name: str

    @property
    def scope(self) -> Scope:
        """Returns the account and the region."""
        return Scope(self.account, self.region)


@dataclass(frozen=True, slots=True)
class SetMail:
    """What the sandbox knows of one configuration set's mail."""

    place: Place
    days: dict[date, Counts]
    counted: bool
    """Whether CloudWatch has its counts: it has an event destination."""
    refused: str | None
    """The code that queries for it are refused with."""


@dataclass(frozen=True, slots=True)
class MailHolding:
    """How much mail is set in one account and region, and whether SES tells it."""

    account: str
    region: str
    sets: int
    days: int
    """Of all sets together."""
    vdm: bool


class MailControls:
    """
    The knobs of mail in a sandbox's directory. Days are UTC days; one that hasn't begun shows once the clock gets there.

    Raises:
        SandboxError: a set or a tenant isn't there, or what is asked for can't be.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def today(self) -> date:
        """Returns the day that it is on the sandbox's clock."""
        with self._storage.reading() as state:
            return datetime.fromtimestamp(clock.now(state), UTC).date()

    def set_days(
        self, place: Place, days: Sequence[date], counts: Counts, *, tenant: str | None = None
    ) -> None:
        """
        Gives each of the days these counts, in place of those that it had.

        The mail goes out under the tenant that has the set (or `tenant`, when several do) and the tenant's identity,
        when it has only one.
        """
        if any(getattr(counts, name) < 0 for name in counts.__slots__):
            raise SandboxError("Counts of mail can't be negative.")
        with self._changing() as (state, _):
            _require(state, names.CONFIGURATION_SET, place)
            owner = tenant or _tenant_of(state, place)
            identity = _identity_of(state, place.scope, owner)
            for day in days:
                mail.put(state, place.scope, MailDay(place.name, _number(day), owner, identity, counts))

    def forget_days(self, place: Place, first: date, last: date) -> int:
        """Removes the counts of some days; returns of how many there were any."""
        with self._changing() as (state, _):
            return mail.forget(state, place.scope, place.name, _number(first), _number(last))

    def of(self, place: Place) -> SetMail:
        """Returns what is known of a set's mail, which may outlive the set."""
        with self._storage.reading() as state:
            return _of(state, place)

    def sets(self) -> list[SetMail]:
        """Returns every set that has any mail."""
        with self._storage.reading() as state:
            return [_of(state, Place(*scope, name)) for scope, name in mail.sets(state)]

    def places_of_sets(self, name: str) -> list[Place]:
        """Returns where configuration sets of a name are."""
        return self._places(names.CONFIGURATION_SET, name)

    def places_of_tenants(self, name: str) -> list[Place]:
        """Returns where tenants of a name are."""
        return self._places(names.TENANT, name)

    def count_at_cloudwatch(self, place: Place, *, on: bool) -> None:
        """Gives a set an event destination that counts its mail at CloudWatch, or takes it away."""
        with self._changing() as (state, now):
            _require(state, names.CONFIGURATION_SET, place)
            if on:
                counted = {"destinations": [event_destinations.everything()]}
                state.put(place.scope, names.DESTINATIONS, place.name, counted, now)
            else:
                state.delete(place.scope, names.DESTINATIONS, place.name)

    def refuse(self, place: Place, code: str | None) -> None:
        """Refuses every query of BatchGetMetricData for a set, or no more; the rest of a batch isn't touched."""
        with self._changing() as (state, now):
            _require(state, names.CONFIGURATION_SET, place)
            if code is None:
                state.delete(place.scope, names.REFUSED_METRICS, place.name)
            elif code not in REFUSALS:
                raise SandboxError(f"A query is refused with {' or '.join(REFUSALS)}, not with {code}.")
            else:
                state.put(place.scope, names.REFUSED_METRICS, place.name, {"code": code}, now)

    def set_vdm(self, account_id: str, region: str, *, on: bool) -> None:
        """Turns Virtual Deliverability Manager on or off, without which SES tells no metrics."""
        with self._changing() as (state, now):
            account.set_vdm(state, Scope(account_id, region), now, on=on)

    def vdm(self, account_id: str, region: str) -> bool:
        """Tells whether Virtual Deliverability Manager is on."""
        with self._storage.reading() as state:
            return bool(account.vdm(state, Scope(account_id, region))["VdmEnabled"] == "ENABLED")

    def open_finding(self, place: Place, kind: str, impact: str, description: str | None = None) -> None:
        """Opens a finding about a tenant; a type and an impact as SES spells them: `BOUNCE`, `HIGH`."""
        if kind not in findings.TENANT_TYPES or impact not in findings.IMPACTS:
            raise SandboxError(
                f"A finding is one of {', '.join(findings.TENANT_TYPES)}, its impact {' or '.join(findings.IMPACTS)}."
            )
        with self._changing() as (state, now):
            findings.open_finding(state, place.scope, place.name, kind, impact, description, now)

    def close_findings(self, place: Place, kind: str | None = None) -> int:
        """Closes a tenant's open findings, or the one of a type; returns how many were open."""
        with self._changing() as (state, now):
            return findings.close_findings(state, place.scope, place.name, kind, now)

    def findings(self, place: Place) -> list[dict[str, object]]:
        """Returns the findings about a tenant, open and closed, as SES shows them."""
        with self._storage.reading() as state:
            _require(state, names.TENANT, place)
            tenant = state.get(place.scope, names.TENANT, place.name)
            assert tenant is not None
            return list(findings.of(state, place.scope, tenant))

    def set_impact(self, place: Place, impact: str) -> None:
        """Sets a tenant's reputation impact by itself; `NONE` as for one that nobody touched."""
        if impact not in ("NONE", *findings.IMPACTS):
            raise SandboxError(f"An impact is NONE, {' or '.join(findings.IMPACTS)}, not {impact}.")
        with self._changing() as (state, now):
            findings.set_impact(state, place.scope, place.name, impact, now)

    def pause(self, place: Place, cause: str | None = None) -> None:
        """Stops a tenant's sending, as AWS itself does."""
        with self._changing() as (state, now):
            findings.pause(state, place.scope, place.name, cause, now)

    def reinstate(self, place: Place) -> str:
        """Ends AWS's pause of a tenant; returns its own status from then on."""
        with self._changing() as (state, now):
            return findings.reinstate(state, place.scope, place.name, now)

    def _places(self, kind: str, name: str) -> list[Place]:
        with self._storage.reading() as state:
            found = state.execute(
                "SELECT account, region FROM objects WHERE kind = ? AND key = ? ORDER BY account, region",
                (kind, name),
            )
            return [Place(account_id, region, name) for account_id, region in found]

    @contextmanager
    def _changing(self) -> Iterator[tuple[Transaction, float]]:
        with self._storage.transaction() as state:
            yield state, clock.now(state)


def holdings(state: Transaction) -> Iterator[MailHolding]:
    """Gives every account and region that has any mail, or where somebody touched Virtual Deliverability Manager."""
    found = state.execute(
        "SELECT account, region, count(DISTINCT configuration_set), count(*) FROM mail GROUP BY account, region"
    )
    counted = {Scope(account_id, region): (sets, days) for account_id, region, sets, days in found}
    touched = state.execute("SELECT account, region FROM objects WHERE kind = ?", (names.VDM,))
    for scope in sorted({*counted, *(Scope(*each) for each in touched)}):
        sets, days = counted.get(scope, (0, 0))
        yield MailHolding(*scope, sets, days, account.vdm(state, scope)["VdmEnabled"] == "ENABLED")


def _require(state: Transaction, kind: str, place: Place) -> None:
    if state.get(place.scope, kind, place.name) is None:
        what = "tenant" if kind == names.TENANT else "configuration set"
        raise SandboxError(f"SES has no {what} {place.name} in {place.account} {place.region}.")


def _of(state: Transaction, place: Place) -> SetMail:
    refused = state.get(place.scope, names.REFUSED_METRICS, place.name)
    return SetMail(
        place,
        {_FIRST_DAY + timedelta(row.day): row.counts for row in mail.rows(state, place.scope, place.name)},
        bool((state.get(place.scope, names.DESTINATIONS, place.name) or {}).get("destinations")),
        None if refused is None else str(refused["code"]),
    )


def _tenant_of(state: Transaction, place: Place) -> str:
    """Returns the tenant that has a set for the longest; "" where none does."""
    arn = f"arn:{place.scope.partition}:ses:{place.region}:{place.account}:configuration-set/{place.name}"
    found = state.rows(place.scope, names.RESOURCE_TENANT, prefix=arn + " ", limit=1)
    return str(found[0].value["TenantName"]) if found else ""


def _identity_of(state: Transaction, scope: Scope, tenant: str) -> str:
    known = state.get(scope, names.TENANT, tenant) if tenant else None
    if known is None:
        return ""
    rows = state.rows(scope, names.ASSOCIATION, prefix=known["TenantId"] + " ", limit=_ALL)
    held = [
        row.value["ResourceArn"].partition("/")[2] for row in rows if row.value["ResourceType"] == "identity"
    ]
    return held[0] if len(held) == 1 else ""


def _number(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) // DAY
