"""Sets and shows the sandbox from outside, on its directory; no server needs to run."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from chanplan.sandbox.dns import records
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.mail_controls import MailControls, MailHolding, holdings
from chanplan.sandbox.services.ses import names
from chanplan.sandbox.services.twilio import kinds
from chanplan.sandbox.state import clock, faults, journal, mistakes
from chanplan.sandbox.state.faults import Fault
from chanplan.sandbox.state.journal import RecordedCall
from chanplan.sandbox.state.storage import Scope, Storage, Transaction
from chanplan.sandbox.twilio_controls import TwilioControls

_INDEXES = names.INDEXES | kinds.INDEXES


@dataclass(frozen=True, slots=True)
class Holding:
    """The objects of one kind in one account and region."""

    account: str
    region: str
    kind: str
    """For example `ses.tenant`; the part before the dot is the service."""
    count: int
    names: tuple[str, ...]
    """The first names, at most 100; with the status or binding beside it where the service knows one."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the sandbox holds and what it was asked."""

    now: float
    """The sandbox's time, in seconds since 1970."""
    holdings: tuple[Holding, ...]
    mail: tuple[MailHolding, ...]
    records: int
    zones: tuple[str, ...]
    faults: tuple[Fault, ...]
    calls: dict[str, int]
    """How often each operation was called."""


class Controls:
    """
    The knobs of the sandbox in a directory; usable while sandboxes run on it, in this process or others.

    Raises:
        SandboxError: the directory's state can't be used.
    """

    _NAMES_SHOWN = 100

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._storage = Storage(directory)
        self.twilio = TwilioControls(self._storage)
        """The knobs of Twilio."""
        self.mail = MailControls(self._storage)
        """The knobs of mail: counts, findings and pauses."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the state file."""
        self._storage.close()

    def publish(self, published: Iterable[ZoneRecord], zone: str | None = None) -> None:
        """
        Publishes DNS records, as the customer would; what is there already stays.

        `zone` names the zone that the records are in; without it, names outside every known zone get one of their
        last two labels.

        Raises:
            SandboxError: a record isn't valid; none is published then.
        """
        with self._storage.transaction() as state:
            records.publish(state, published, zone, clock.now(state))

    def unpublish(self, published: Iterable[ZoneRecord]) -> None:
        """Withdraws DNS records; those that aren't there are passed over."""
        with self._storage.transaction() as state:
            records.unpublish(state, published)

    def zone(self) -> list[ZoneRecord]:
        """Returns the published records."""
        with self._storage.reading() as state:
            return records.published(state)

    def now(self) -> float:
        """Returns the sandbox's time, in seconds since 1970."""
        with self._storage.reading() as state:
            return clock.now(state)

    def advance(self, seconds: float) -> float:
        """Moves the clock forward and returns the new time."""
        with self._storage.transaction() as state:
            return clock.advance(state, seconds)

    def run_clock_at(self, scale: float) -> None:
        """Lets the clock run `scale` times as fast as real time; 0 stops it, 1 is the default."""
        with self._storage.transaction() as state:
            clock.run_at(state, scale)

    def add_fault(self, fault: Fault) -> None:
        """Adds a fault behind those that are there."""
        with self._changing_faults() as state:
            faults.add(state, fault)

    def clear_faults(self) -> None:
        """Removes all faults."""
        with self._changing_faults() as state:
            faults.clear(state)

    def faults(self) -> list[Fault]:
        """Returns the faults in the order in which they are tried."""
        with self._storage.reading() as state:
            return faults.listed(state)

    def calls(self) -> list[RecordedCall]:
        """Returns the calls that were made, oldest first, at most the newest 100,000."""
        with self._storage.reading() as state:
            return journal.calls(state)

    def clear_calls(self) -> None:
        """Forgets the calls."""
        with self._storage.transaction() as state:
            journal.clear(state)

    def mistakes(self) -> list[str]:
        """Returns what sandboxes on this directory did wrong themselves, oldest first; a reset doesn't forget it."""
        return mistakes.in_directory(self._directory)

    def status(self) -> Status:
        """Returns what the sandbox holds."""
        with self._storage.reading() as state:
            return Status(
                now=clock.now(state),
                holdings=tuple(self._holdings(state)),
                mail=tuple(holdings(state)),
                records=len(records.published(state)),
                zones=tuple(records.zones(state)),
                faults=tuple(faults.listed(state)),
                calls=journal.counts(state),
            )

    def reset(self) -> None:
        """Forgets everything: objects, mail, zone, faults, clock and journal."""
        self._storage.clear()

    def _holdings(self, state: Transaction) -> Iterator[Holding]:
        groups = state.execute(
            "SELECT account, region, kind, count FROM holdings WHERE count > 0 ORDER BY account, region, kind"
        ).fetchall()
        for account, region, kind, count in groups:
            if kind not in _INDEXES:
                rows = state.rows(Scope(account, region), kind, limit=self._NAMES_SHOWN)
                label = names.label if kind.startswith("ses.") else kinds.label
                names_shown = tuple(label(kind, row.key, row.value) for row in rows)
                yield Holding(account, region, kind, count, names_shown)

    @contextmanager
    def _changing_faults(self) -> Iterator[Transaction]:
        with self._storage.transaction() as state:
            yield state
            # What SES saw under a DNS fault must be looked at again without it.
            records.touch(state)
