"""Deepening: reading a few resources wholly beside an apply, those first whose last such reading is the oldest.

A shallow refresh doesn't see tags, pools and associations. What is found here is only stored; the next plan reads what
was found to differ directly, shows it and puts it back (docs/decisions/0013).
"""

import logging
import threading
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from chanplan.execution.observing import observations
from chanplan.execution.stopping import Stop
from chanplan.model.addresses import Address
from chanplan.model.errors import Interrupted, ProviderError, StateError
from chanplan.model.events import Deepened, DeepeningAwaited, Listener
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Reading
from chanplan.model.resources import Observed, ResourceState, identity_of
from chanplan.model.snapshots import Observation, Snapshot
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer
from chanplan.ports.provider import Provider
from chanplan.ports.store import Store

CALLS = 60
"""Calls of one apply, if nobody asks for another number: 15 setups or 30 use cases."""
PATIENCE = 1.0
"""Seconds to wait before saying so: where nothing is paced, it is over by then."""
LONGEST_TAIL = 30.0
"""Seconds that an apply may last longer for it: at AWS's one request a second of each operation, 60 calls take so long."""
BATCH = 20
"""Readings that are stored at once: each time costs a look at the state, and a kill loses no more than these."""

_log = logging.getLogger(__name__)


class Deepening:
    """Reads in a thread of its own, from `begin` until it has made `calls` calls, has read everything, or `finish`.

    It begins no reading once the calls are made, and ends the one that it has begun. It holds no lock: observations may
    be stored by anybody. Its errors are told to nobody: what can't be read keeps its age.
    """

    def __init__(
        self,
        store: Store,
        providers: Mapping[str, Provider],
        pacer: Pacer,
        clock: Clock,
        stop: Stop,
        calls: int = CALLS,
        *,
        longest_tail: float = LONGEST_TAIL,
    ) -> None:
        self._store = store
        self._providers = providers
        self._pacer = pacer
        self._clock = clock
        self._stop = stop
        self._calls = calls
        self._longest_tail = longest_tail
        self._made = 0
        self._queue: deque[ResourceState] = deque()
        self._avoided: frozenset[Address] = frozenset()
        self._closed: set[tuple[object, str]] = set()
        self._read: dict[Address, tuple[ResourceState, Observed | None]] = {}
        self._checked = 0
        self._differing: set[Address] = set()
        self._never = 0
        self._oldest: datetime | None = None
        self._guard = threading.Lock()
        self._over = False
        self._ended = threading.Event()
        self._begun = False

    def begin(self, snapshot: Snapshot, since: datetime, without: Collection[object] = ()) -> None:
        """Start, unless it was started or may make no call. What was read directly after `since` is fresh, and what
        lives in a place of `without` can't be read."""
        if self._begun or self._calls < 1:
            return
        self._begun = True
        seen, now = snapshot.observations, self._clock.now()
        ages = {at: _before(now, seen[at].deep_at if at in seen else None) for at in snapshot.resources}
        unsettled = {intent.address for intent in snapshot.intents}
        self._queue.extend(
            resource
            for at, resource in sorted(
                snapshot.resources.items(), key=lambda item: _age(ages[item[0]], item[0])
            )
            if resource.complete
            and at not in unsettled
            and resource.scope.provider in self._providers
            and resource.scope.place not in without
            and ((age := ages[at]) is None or age < since)
        )
        # A daemon: a service that doesn't answer mustn't keep a command that is done.
        threading.Thread(target=self._work, name="deepening", daemon=True).start()

    def leave_alone(self, addresses: Iterable[Address]) -> None:
        """Don't read what is about to be changed, now and later on."""
        self._avoided |= frozenset(addresses)

    def finish(self, listener: Listener) -> Deepened | None:
        """Wait for the rest of the budget, but no longer than `LONGEST_TAIL` seconds and not after a stop, and tell
        what was found. None when nothing was read. The lock mustn't be held."""
        if not self._begun:
            return None
        with self._stop.heard_by(self._ended.set):
            if not self._stop.asked and not self._ended.wait(min(PATIENCE, self._longest_tail)):
                listener(DeepeningAwaited(self._longest_tail))
                self._ended.wait(self._longest_tail)
        with suppress(StateError):
            self._keep()
        self.abandon()
        if not self._checked:
            return None
        found = Deepened(
            self._checked,
            tuple(sorted(self._differing)),
            self._made,
            self._never,
            self._oldest,
            self._clock.now(),
        )
        listener(found)
        return found

    def abandon(self) -> None:
        """End it here, and store nothing more."""
        with self._guard:
            self._over = True

    def _work(self) -> None:
        try:
            with self._pacer.background(lambda: self._over) as made:
                try:
                    while made() < self._calls and (resource := self._next()) is not None:
                        self._look_at(resource)
                finally:
                    self._made = made()
        except (Interrupted, StateError):
            return
        except Exception:  # noqa: BLE001 - a mistake of ours here spoils nothing that was asked for
            if not self._over:
                _log.exception("unforeseen error while checking the oldest facts")
        finally:
            self._ended.set()

    def _next(self) -> ResourceState | None:
        while self._queue:
            resource = self._queue.popleft()
            if (
                resource.address not in self._avoided
                and (resource.scope.place, resource.address.kind) not in self._closed
            ):
                return resource
        return None

    def _look_at(self, resource: ResourceState) -> None:
        try:
            found = self._providers[resource.scope.provider].read(identity_of(resource))
        except ProviderError:
            # No permission, or no time: it will be the same with the next of its kind, and this run doesn't insist.
            self._closed.add((resource.scope.place, resource.address.kind))
            return
        with self._guard:
            self._read[resource.address] = resource, found
            full = len(self._read) >= BATCH
        if full:
            self._keep()

    def _keep(self) -> None:
        """Store what was read, over what is known by now."""
        with self._guard:
            if self._over or not self._read:
                return
            read, self._read = self._read, {}
            snapshot = self._store.load()
            # Of what was changed or forgotten meanwhile, the reading may be older than that.
            read = {at: pair for at, pair in read.items() if snapshot.resources.get(at) == pair[0]}
            reading = Reading(
                RefreshMode.DEEP,
                self._clock.now(),
                {at: found for at, (_, found) in read.items() if found is not None},
                frozenset(at for at, (_, found) in read.items() if found is None),
            )
            stored = observations(reading, (), snapshot)
            self._store.observe(stored)
            self._count({each.address: each for each in stored}, snapshot)

    def _count(self, stored: Mapping[Address, Observation], snapshot: Snapshot) -> None:
        self._checked += len(stored)
        self._differing |= {at for at, seen in stored.items() if seen.differs}
        known = {**snapshot.observations, **stored}
        ages = [
            known[at].deep_at if at in known else None
            for at, resource in snapshot.resources.items()
            if resource.scope.provider in self._providers
        ]
        times = [age for age in ages if age is not None]
        self._never, self._oldest = len(ages) - len(times), min(times, default=None)


def _before(now: datetime, deep_at: datetime | None) -> datetime | None:
    """Give when something was read; None where a clock that was ahead wrote it down, since nobody knows when that was."""
    return None if deep_at is None or deep_at > now else deep_at


def _age(deep_at: datetime | None, address: Address) -> tuple[datetime, Address]:
    return (deep_at or datetime.min.replace(tzinfo=UTC), address)
