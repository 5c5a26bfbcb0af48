"""One workspace at work: its configuration and everything that stands behind the ports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chanplan.execution.stopping import Stop
from chanplan.model.configuration import Configuration
from chanplan.model.plans import Change
from chanplan.model.scopes import Scope
from chanplan.planning.estimate import Costs
from chanplan.ports.clock import Clock
from chanplan.ports.examiner import Examiner
from chanplan.ports.mail_evidence import MailEvidence
from chanplan.ports.number_book import NumberBook
from chanplan.ports.pacer import Pacer
from chanplan.ports.provider import Provider
from chanplan.ports.record_checker import RecordChecker
from chanplan.ports.store import Store


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a command works with. Made by `wiring.open_workspace`, closed by it."""

    configuration: Configuration
    store: Store
    providers: Mapping[str, Provider]
    checker: RecordChecker
    clock: Clock
    pacer: Pacer
    stop: Stop
    rate_of: Callable[[Scope, str], float | None]
    account_of: Callable[[Scope], str | None]
    """Says, live, which account an alias reaches. Raises `ProviderError`s."""
    holder: str
    """Who runs this, for locks and history: user, host, process and CI job."""
    recovery_folders: tuple[Path, ...] = ()
    """Where recovery files of earlier runs may lie."""
    parallelism: int = 16
    number_books: Mapping[str, NumberBook] = field(default_factory=dict)
    """What tells, by provider, which phone numbers an account owns."""
    examiners: Mapping[str, Examiner] = field(default_factory=dict)
    """What tries each provider out, for `doctor`."""
    mail_evidence: Mapping[str, MailEvidence] = field(default_factory=dict)
    """What tells, by provider, of the mail of use cases and how the service looks at their tenants."""

    @property
    def costs(self) -> Costs:
        """How dear calls are here."""
        return Costs(self._calls_of, self.rate_of)

    def _calls_of(self, change: Change) -> Mapping[str, int]:
        provider = self.providers.get(change.provider)
        return {} if provider is None else provider.cost(change)
