"""Asking the services for what tiers are judged by, and for what they have of those that move."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from chanplan.app.workspace import Workspace
from chanplan.execution.reading_tasks import Answer, NoAnswer, Task, ask_all, reader
from chanplan.model.addresses import Address
from chanplan.model.errors import ProviderError
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.use_case import configuration_set_name
from chanplan.model.mail_evidence import UNANSWERED, Gathered, MailSender
from chanplan.model.plans import Estimate, RefreshMode
from chanplan.model.problems import Problem, Severity
from chanplan.model.requests import Reading, Unreadable
from chanplan.model.resources import Observed, ResourceState, identity_of
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Snapshot
from chanplan.model.tier_evidence import MailMetrics, TenantStanding


@dataclass(slots=True)
class Evidence:
    """What the services told of some use cases, together."""

    metrics: dict[Address, MailMetrics] = field(default_factory=dict)
    standings: dict[Address, TenantStanding] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unreachable: list[Problem] = field(default_factory=list)
    """Accounts and regions that told nothing at all."""
    calls: int = 0
    """Calls that it took."""
    again: Estimate = field(default_factory=Estimate)
    """What it costs to ask for it once more, as `tiers apply` does under the lock: calls, and seconds at the known quotas."""

    def told(self, *, required: bool) -> tuple[Problem, ...]:
        """Give all that stood in the way; where evidence is `required`, what wasn't answered is an error and no warning."""
        problems = [
            replace(each, severity=Severity.ERROR) if required and each.code in UNANSWERED else each
            for each in self.problems
        ]
        problems += [
            replace(each, severity=Severity.ERROR) if required else each for each in self.unreachable
        ]
        return tuple(sorted(problems, key=lambda problem: (problem.code, problem.message)))


def sender_of(resource: ResourceState, snapshot: Snapshot) -> MailSender:
    """Give a use case as its service knows it."""
    attributes, facts = resource.attributes, resource.facts
    context = KINDS[resource.address.kind].context_of(attributes, snapshot.resources) or resource.context
    derived = configuration_set_name(str(attributes["entity_name"]), str(attributes["name"]))
    return MailSender(
        resource.address,
        str(facts.get("configuration_set_name") or derived),
        str(context.get("tenant_name") or ""),
    )


def gather(
    workspace: Workspace, snapshot: Snapshot, use_cases: Sequence[ResourceState], now: datetime
) -> Evidence:
    """Ask, once for each account and region, for the mail of the days that the policies look at, and for the standing of
    tenants. What couldn't be asked is missing, and a warning says so: without it no rate moves a tier."""
    policies = workspace.configuration.tiers
    days = max(policies.transactional.days_needed, policies.marketing.days_needed)
    last = now.astimezone(UTC).date()
    first = last - timedelta(days=days - 1)
    by_scope: dict[Scope, list[MailSender]] = {}
    for resource in use_cases:
        by_scope.setdefault(resource.scope, []).append(sender_of(resource, snapshot))
    found, tasks = Evidence(again=_cost(workspace, by_scope, first, last)), []
    for scope, senders in by_scope.items():
        source = workspace.mail_evidence.get(scope.provider)
        if source is not None:
            tasks.append(Task(scope, _gatherer(workspace, scope, senders, first, last)))
    for outcome in ask_all(tasks, workspace.parallelism):
        match outcome:
            case Answer(gathered):
                found.metrics |= gathered.metrics
                found.standings |= gathered.standings
                found.problems += gathered.problems
                found.calls += sum(gathered.calls.values())
            case NoAnswer(scope, error):
                found.unreachable.append(_unasked(scope, error))
    return found


def read_directly(workspace: Workspace, resources: Sequence[ResourceState], at: datetime) -> Reading:
    """Read these objects by themselves, right before something about them is planned."""
    tasks = [
        Task(each.scope, reader(workspace.providers[each.scope.provider], identity_of(each)))
        for each in resources
        if each.scope.provider in workspace.providers
    ]
    observed: dict[Address, Observed] = {}
    gone: set[Address] = set()
    unreadable: dict[Scope, Unreadable] = {}
    for outcome in ask_all(tasks, workspace.parallelism):
        match outcome:
            case Answer(value=(address, found)):
                if found is None:
                    gone.add(address)
                else:
                    observed[address] = found
            case NoAnswer(scope, error):
                problem = Problem(
                    error.code, f"{_named(scope)} couldn't be read: {error.message}", error.remedy
                )
                unreadable.setdefault(scope, Unreadable(scope, problem))
    return Reading(
        RefreshMode.DEEP,
        at,
        observed=observed,
        gone=frozenset(gone),
        unreadable=tuple(unreadable.values()),
    )


def _cost(
    workspace: Workspace, senders: Mapping[Scope, Sequence[MailSender]], first: date, last: date
) -> Estimate:
    calls: Counter[str] = Counter()
    seconds = 0.0
    for scope, some in senders.items():
        source = workspace.mail_evidence.get(scope.provider)
        cost = {} if source is None else source.cost(some, first, last)
        calls[scope.provider] += sum(cost.values())
        # Places and operations are asked side by side, and each has a quota of its own.
        rates = ((number, workspace.rate_of(scope, operation)) for operation, number in cost.items())
        seconds = max([seconds, *(number / rate for number, rate in rates if rate)])
    return Estimate(dict(calls), seconds)


def _gatherer(
    workspace: Workspace, scope: Scope, senders: Sequence[MailSender], first: date, last: date
) -> Callable[[], Gathered]:
    return lambda: workspace.mail_evidence[scope.provider].gather(scope, senders, first, last)


def _unasked(scope: Scope, error: ProviderError) -> Problem:
    return Problem(
        error.code,
        f"{_named(scope)} couldn't be asked for mail and reputation: {error.message}",
        error.remedy,
        Severity.WARNING,
    )


def _named(scope: Scope) -> str:
    return " ".join(filter(None, (scope.provider, scope.account, scope.region)))
