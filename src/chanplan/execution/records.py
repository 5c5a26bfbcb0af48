"""The DNS records that a setup's gate asks for."""

from collections.abc import Collection

from chanplan.model.kinds.ses_setup import dns_records, receives
from chanplan.model.records import DnsRecord
from chanplan.model.values import Attributes, Facts


def setup_records(
    attributes: Attributes, facts: Facts, region: str | None, receiving_regions: Collection[str] | None
) -> tuple[DnsRecord, ...]:
    """Give the records to look up, or none before the service gave the setup its DKIM tokens."""
    if region is None or not facts.get("dkim_tokens"):
        return ()
    return dns_records(attributes, facts, region, inbound=receives(region, receiving_regions))
