"""A record checker whose verdicts are given, not looked up."""

from collections.abc import Mapping, Sequence

from chanplan.model.addresses import Address
from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.ports.clock import Clock


class MemoryRecordChecker:
    """Finds every record of a setup as it was told; missing until then."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._outcomes: dict[Address, Outcome] = {}
        self.asked: list[Address] = []
        """Every setup that was asked about, in order."""

    def set(self, setup: Address, outcome: Outcome) -> None:
        """Let all records of a setup be found so from now on."""
        self._outcomes[setup] = outcome

    def check(
        self,
        domains: Mapping[Address, Sequence[DnsRecord]],
        earlier: Mapping[Address, Sequence[RecordVerdict]],
    ) -> Mapping[Address, tuple[RecordVerdict, ...]]:
        """Give the verdicts; an unknown one gives way to an earlier one on the same record."""
        return {
            address: tuple(self._verdict(address, record, earlier.get(address, ())) for record in records)
            for address, records in domains.items()
        }

    def _verdict(
        self, address: Address, record: DnsRecord, earlier: Sequence[RecordVerdict]
    ) -> RecordVerdict:
        if address not in self.asked[-1:]:
            self.asked.append(address)
        outcome = self._outcomes.get(address, Outcome.MISSING)
        if outcome is Outcome.UNKNOWN:
            kept = next((verdict for verdict in earlier if verdict.record == record), None)
            if kept is not None:
                return kept
        return RecordVerdict(record, outcome, f"It is {outcome}.", checked_at=self._clock.now())
