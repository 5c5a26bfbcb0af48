"""Checking the records of many setups at once."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from chanplan.model.addresses import Address
from chanplan.model.records import DnsRecord, RecordVerdict
from chanplan.ports.clock import Clock
from chanplan.ports.metrics import Metrics
from chanplan.providers.dns.nameservers import DNS_PORT, parse_nameserver

if TYPE_CHECKING:
    from chanplan.providers.dns.lookups import Lookups

_WITNESSES = 2
"""Servers of a zone that are asked about each record: a second one shows a zone that isn't everywhere yet."""


class DnsRecordChecker:
    """Asks configured servers or, without any, those that answer for each zone, and judges what they say.

    Threads ask: `parallelism` of them, `per_server` at most at the same server. A question ends after `lifetime`
    seconds, each try after `per_try`. Nothing is remembered from one check to the next.
    """

    def __init__(
        self,
        nameservers: Sequence[str],
        clock: Clock,
        metrics: Metrics,
        *,
        lifetime: float = 5.0,
        per_try: float = 2.0,
        parallelism: int = 16,
        per_server: int = 8,
        system_nameservers: Sequence[str] = (),
        authoritative_port: int = DNS_PORT,
    ) -> None:
        """Take servers as `host:port`. Without `nameservers`, zones are found through `system_nameservers`, by default
        the machine's own, and their servers are asked at `authoritative_port`.

        Raises:
            Misused: a server can't be read; code `bad_nameserver`.
        """
        self._nameservers = tuple(parse_nameserver(text) for text in nameservers)
        self._system_nameservers = tuple(parse_nameserver(text) for text in system_nameservers)
        self._clock = clock
        self._metrics = metrics
        self._lifetime = lifetime
        self._per_try = per_try
        self._parallelism = parallelism
        self._per_server = per_server
        self._authoritative_port = authoritative_port

    def check(
        self,
        domains: Mapping[Address, Sequence[DnsRecord]],
        earlier: Mapping[Address, Sequence[RecordVerdict]],
    ) -> Mapping[Address, tuple[RecordVerdict, ...]]:
        """Judge the records of each setup, in their order; see the port."""
        tasks = [(address, index) for address, records in domains.items() for index in range(len(records))]
        if not tasks:
            return dict.fromkeys(domains, ())
        lookups = self._lookups()
        # The underscore keeps the search for its zone from asking about the label; see `discovery`.
        probe_label = f"_chanplan-{secrets.token_hex(6)}"
        verdicts: dict[tuple[Address, int], RecordVerdict] = {}

        def check_one(address: Address, index: int) -> None:
            record = domains[address][index]
            verdicts[address, index] = self._check_record(
                record, earlier.get(address, ()), lookups, probe_label
            )

        pending = _Pending(iter(tasks))
        workers = min(self._parallelism, len(tasks))
        with ThreadPoolExecutor(workers, thread_name_prefix="dns") as pool:
            try:
                for future in [pool.submit(pending.work, check_one) for _ in range(workers)]:
                    future.result()
            finally:
                pending.stop()
        return {
            address: tuple(verdicts[address, index] for index in range(len(records)))
            for address, records in domains.items()
        }

    def _lookups(self) -> "Lookups":
        from chanplan.providers.dns.discovery import Discovery
        from chanplan.providers.dns.lookups import AuthoritativeLookups, ConfiguredLookups
        from chanplan.providers.dns.resolvers import machine_resolvers
        from chanplan.providers.dns.wire import Patience, Wire

        wire = Wire(self._clock, Patience(self._lifetime, self._per_try, self._per_server), self._metrics)
        if self._nameservers:
            return ConfiguredLookups(wire, self._nameservers)
        resolvers = self._system_nameservers or machine_resolvers()
        return AuthoritativeLookups(wire, Discovery(wire, resolvers, self._authoritative_port))

    def _check_record(
        self, record: DnsRecord, earlier: Sequence[RecordVerdict], lookups: "Lookups", probe_label: str
    ) -> RecordVerdict:
        from chanplan.providers.dns.answers import named
        from chanplan.providers.dns.judging import Witness, judge, keep_earlier, weigh
        from chanplan.providers.dns.lookups import RecordAnswers

        name = named(record.name)
        witnesses = []
        for server in range(min(_WITNESSES, lookups.servers_of(name))):
            answers = RecordAnswers(lookups, name, server, probe_label)
            verdict = judge(record, answers)
            witnesses.append(Witness(str(answers.answered_by), verdict))
        return keep_earlier(weigh(witnesses), earlier, self._clock.now())


class _Pending:
    """The records that no thread has taken yet. Threads draw from it, so 70,000 records don't stand in a queue."""

    def __init__(self, tasks: Iterator[tuple[Address, int]]) -> None:
        self._tasks = tasks
        self._lock = threading.Lock()
        self._stopped = False

    def work(self, check_one: Callable[[Address, int], None]) -> None:
        """Check records until none is left."""
        while (task := self._next()) is not None:
            check_one(*task)

    def stop(self) -> None:
        """Give out nothing more: a thread failed, or somebody asked to stop."""
        self._stopped = True

    def _next(self) -> tuple[Address, int] | None:
        with self._lock:
            return None if self._stopped else next(self._tasks, None)
