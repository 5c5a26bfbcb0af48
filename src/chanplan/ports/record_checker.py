"""Asking the DNS about the records of setups."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chanplan.model.addresses import Address
from chanplan.model.records import DnsRecord, RecordVerdict


class RecordChecker(Protocol):
    """Looks records up at the servers that answer for their zones, without any cache between."""

    def check(
        self,
        domains: Mapping[Address, Sequence[DnsRecord]],
        earlier: Mapping[Address, Sequence[RecordVerdict]],
    ) -> Mapping[Address, tuple[RecordVerdict, ...]]:
        """Judge the records of each setup, in their order. Never raises for what the DNS says or doesn't: an
        unanswered question is `unknown`, or the earlier verdict on the same record with its own age and a
        detail that says that nobody answered now."""
        ...
