"""Looking for what exists at the services and is in no state. Reads only, takes no lock and writes no state."""

from collections.abc import Callable, Collection, Iterable, Sequence
from difflib import get_close_matches

from chanplan.app.guarding import check_workspace
from chanplan.app.preview import with_accounts
from chanplan.app.workspace import Workspace
from chanplan.execution.reading_tasks import NoAnswer, Task, ask_all
from chanplan.model.configuration import Configuration
from chanplan.model.discoveries import Answers, Discovered, Findings, Undiscovered
from chanplan.model.errors import Misused, ProviderError
from chanplan.model.kinds.registry import KINDS
from chanplan.model.problems import Problem
from chanplan.model.scopes import Place, Scope
from chanplan.planning.proposals import propose
from chanplan.ports.provider import Provider

KINDS_AT = {
    "ses": ("sending_pool", "ses_setup", "use_case"),
    "twilio": ("twilio_setup", "use_case"),
}
"""The kinds whose objects live at each provider."""


def discover(
    workspace: Workspace, kinds: Collection[str], providers: Collection[str], answers: Answers
) -> Findings:
    """Look for objects of some kinds, or of all, by way of some aliases, or of all.

    Raises:
        Misused: no provider is configured, or not the one that is named.
        StateUnreadable: the state can't be read, or belongs to another workspace.
    """
    snapshot = workspace.store.load()
    check_workspace(workspace.configuration, snapshot)
    scopes = _meant(workspace.configuration, providers)
    wanted = {
        scope: tuple(kind for kind in KINDS_AT[scope.provider] if not kinds or kind in kinds)
        for scope in scopes
    }
    found = _found(workspace, {scope: named for scope, named in wanted.items() if named})
    configuration = with_accounts(workspace, snapshot, online=True)
    return propose(found, configuration, snapshot, answers)


def _found(workspace: Workspace, wanted: dict[Scope, tuple[str, ...]]) -> Sequence[Discovered | Undiscovered]:
    found: list[Discovered | Undiscovered] = []
    places: dict[Place, tuple[Scope, tuple[str, ...]]] = {}
    for scope, kinds in wanted.items():
        try:
            resolved = Scope(scope.provider, workspace.account_of(scope), scope.region, scope.alias)
        except ProviderError as error:
            found.append(_undiscovered(kinds, scope, error))
        else:
            # Two aliases may lead to one place.
            places.setdefault(resolved.place, (resolved, kinds))
    tasks = [
        Task(scope, _teller(workspace.providers[scope.provider], kinds, scope))
        for scope, kinds in places.values()
    ]
    for outcome in ask_all(tasks, workspace.parallelism):
        if isinstance(outcome, NoAnswer):
            found.append(_undiscovered(wanted[_asked(outcome.scope, wanted)], outcome.scope, outcome.error))
        else:
            found += outcome.value
    return _merged(found)


def scopes_of(configuration: Configuration) -> list[Scope]:
    """Give the place of each alias: `default` first, then by name."""
    configured = configuration.providers
    scopes = [Scope("ses", alias.account_id, alias.region, alias.alias) for alias in configured.ses.values()]
    scopes += [Scope("twilio", alias.account_sid, None, alias.alias) for alias in configured.twilio.values()]
    return sorted(scopes, key=lambda scope: (scope.provider, scope.alias != "default", scope.alias))


def _meant(configuration: Configuration, providers: Collection[str]) -> list[Scope]:
    scopes = scopes_of(configuration)
    if not scopes:
        raise Misused(
            "No provider is configured, so there is nowhere to look.",
            remedy="Add one to the root file:\nproviders:\n  ses:\n    default: {region: us-east-1}",
            code="no_providers",
        )
    names = {name for scope in scopes for name in _names(scope)}
    for name in providers:
        if name not in names:
            close = get_close_matches(name, sorted(names), 1)
            raise Misused(
                f"There is no alias {name} under providers.ses or providers.twilio.",
                remedy=(f"Did you mean {close[0]}? " if close else "")
                + f"There is {', '.join(sorted(names))}.",
                code="unknown_alias",
            )
    return [scope for scope in scopes if not providers or not _names(scope).isdisjoint(providers)]


def _names(scope: Scope) -> set[str]:
    return {scope.alias, f"{scope.provider}.{scope.alias}"}


def _asked(scope: Scope, wanted: Iterable[Scope]) -> Scope:
    return next(each for each in wanted if (each.provider, each.alias) == (scope.provider, scope.alias))


def _teller(
    provider: Provider, kinds: Collection[str], scope: Scope
) -> Callable[[], list[Discovered | Undiscovered]]:
    return lambda: list(provider.discover(kinds, scope))


def _undiscovered(kinds: tuple[str, ...], scope: Scope, error: ProviderError) -> Undiscovered:
    return Undiscovered(kinds, scope, Problem(error.code, error.message, error.remedy))


def _merged(found: Iterable[Discovered | Undiscovered]) -> list[Discovered | Undiscovered]:
    """Tell an error once that kept several kinds of a place from being listed."""
    objects: list[Discovered | Undiscovered] = []
    unread: dict[tuple[Place, str], Undiscovered] = {}
    for each in found:
        if isinstance(each, Discovered):
            objects.append(each)
            continue
        key = (each.scope.place, each.problem.message)
        earlier = unread.get(key)
        kinds = {*each.kinds, *(() if earlier is None else earlier.kinds)}
        unread[key] = Undiscovered(tuple(kind for kind in KINDS if kind in kinds), each.scope, each.problem)
    return [*objects, *(unread[key] for key in sorted(unread, key=str))]
