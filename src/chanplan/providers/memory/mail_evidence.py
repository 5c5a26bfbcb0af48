"""What an in-memory service tells of mail and of tenants."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from chanplan.model.errors import ProviderError
from chanplan.model.mail_evidence import Gathered, MailSender
from chanplan.model.scopes import Scope
from chanplan.model.tier_evidence import DayCounts, Impact, MailMetrics, TenantStanding

SOURCE = "memory"


class MemoryMailEvidence:
    """Implements `ports.mail_evidence.MailEvidence`: every configuration set is known, and silent where nothing was sent."""

    def __init__(self) -> None:
        self.days: dict[str, dict[date, DayCounts]] = {}
        """By configuration set and day."""
        self.standings: dict[str, TenantStanding] = {}
        """By tenant; one that isn't here is in good standing."""
        self.failure: ProviderError | None = None
        """What every question is answered with, when it is set."""
        self.asked = 0

    def send(
        self, configuration_set: str, day: date, sends: int, bounces: int = 0, complaints: int = 0
    ) -> None:
        """Let one day's mail be sent."""
        counts = DayCounts(day, sends, sends - bounces, bounces, complaints)
        self.days.setdefault(configuration_set, {})[day] = counts

    def gather(self, scope: Scope, senders: Sequence[MailSender], first: date, last: date) -> Gathered:
        """Tell all days."""
        del scope
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return Gathered(
            {
                sender.address: MailMetrics(
                    SOURCE,
                    tuple(
                        self.days.get(sender.configuration_set, {}).get(day, DayCounts(day, 0, 0, 0, 0))
                        for day in days
                    ),
                )
                for sender in senders
            },
            {
                sender.address: self.standings.get(sender.tenant, TenantStanding(Impact.NONE))
                for sender in senders
            },
        )

    def cost(self, senders: Sequence[MailSender], first: date, last: date) -> Mapping[str, int]:
        """Count one call."""
        del first, last
        return {"gather": 1} if senders else {}
