"""Mail in memory: counts by configuration set and day, and how the service looks at tenants."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from chanplan.model.addresses import Address
from chanplan.model.errors import ProviderError
from chanplan.model.mail_evidence import Gathered, MailSender
from chanplan.model.problems import Problem, Severity
from chanplan.model.scopes import Scope
from chanplan.model.tier_evidence import DayCounts, Finding, MailMetrics, TenantStanding
from chanplan.ports.pacer import Pacer
from chanplan.providers.memory.world import MemoryWorld

SOURCE = "memory"
PAGE = 100
"""Senders whose mail one call tells, and tenants on a page."""
METRICS, STANDINGS, FINDINGS = "get_mail", "list_standings", "list_findings"
"""Its operations, for faults."""


class MemoryMail:
    """What the service knows of mail. Implements `ports.mail_evidence.MailEvidence`; whoever steers it changes it directly.

    Its calls are paced, counted and struck by faults like all calls of the world.
    """

    def __init__(self, world: MemoryWorld, pacer: Pacer) -> None:
        self._world = world
        self._pacer = pacer
        self._mail: dict[tuple[Scope, str], dict[date, DayCounts]] = {}
        self._standings: dict[tuple[Scope, str], TenantStanding] = {}

    def send(self, scope: Scope, configuration_set: str, counts: DayCounts) -> None:
        """Let a day's mail of a set have these counts."""
        self._mail.setdefault((scope, configuration_set), {})[counts.day] = counts

    def stand(self, scope: Scope, tenant: str, standing: TenantStanding) -> None:
        """Let the service look at a tenant in this way."""
        self._standings[scope, tenant] = standing

    def find(self, scope: Scope, tenant: str, *findings: Finding) -> None:
        """Let the service have found this about a tenant."""
        self.stand(scope, tenant, replace(self._standings[scope, tenant], findings=findings))

    def gather(self, scope: Scope, senders: Sequence[MailSender], first: date, last: date) -> Gathered:
        """Tell it; see `ports.mail_evidence`."""
        if not senders:
            return Gathered()
        failed: dict[str, ProviderError] = {}
        calls: Counter[str] = Counter()
        for operation, number in self.cost(senders, first, last).items():
            try:
                for page in range(number):
                    calls[operation] += 1
                    self._call(scope, operation, str(page))
            except ProviderError as error:
                failed[operation] = error
        if len(failed) == len((METRICS, STANDINGS, FINDINGS)):
            raise failed[METRICS]
        return Gathered(
            {} if METRICS in failed else dict(self._metrics(scope, senders, first, last)),
            {}
            if STANDINGS in failed
            else self._standing(scope, senders, findings_told=FINDINGS not in failed),
            tuple(_problem(operation, error) for operation, error in failed.items()),
            calls,
        )

    def cost(self, senders: Sequence[MailSender], first: date, last: date) -> Mapping[str, int]:
        """Count its calls; see `ports.mail_evidence`."""
        del first, last
        pages = -(-len(senders) // PAGE)
        return {METRICS: pages, STANDINGS: pages, FINDINGS: 1} if senders else {}

    def _call(self, scope: Scope, operation: str, page: str) -> None:
        self._pacer.call(
            scope, operation, lambda: self._world.call(operation, page, lambda: None), repeatable=True
        )

    def _metrics(
        self, scope: Scope, senders: Sequence[MailSender], first: date, last: date
    ) -> Iterable[tuple[Address, MailMetrics]]:
        begun = min((day for days in self._mail.values() for day in days), default=None)
        for sender in senders:
            held = self._mail.get((scope, sender.configuration_set), {})
            since = first if any(first <= day <= last for day in held) else begun
            if since is None:
                continue
            days = [max(first, since) + timedelta(n) for n in range((last - max(first, since)).days + 1)]
            if days:
                told = tuple(held.get(day, DayCounts(day, 0, 0, 0, 0)) for day in days)
                yield sender.address, MailMetrics(SOURCE, told)

    def _standing(
        self, scope: Scope, senders: Sequence[MailSender], *, findings_told: bool
    ) -> dict[Address, TenantStanding]:
        known = {
            sender.address: held
            for sender in senders
            if (held := self._standings.get((scope, sender.tenant))) is not None
        }
        if findings_told:
            return known
        return {at: replace(each, findings=(), findings_told=False) for at, each in known.items()}


def _problem(operation: str, error: ProviderError) -> Problem:
    what = {METRICS: "metrics", STANDINGS: "standing", FINDINGS: "findings"}[operation]
    kind = "denied" if error.code == "access_denied" else "unavailable"
    return Problem(f"{what}_{kind}", error.message, error.remedy or "Run it again.", Severity.WARNING)
