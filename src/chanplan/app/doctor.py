"""Looking for what is wrong, with everything that a workspace stands on. Takes no lock and changes nothing.

Each check asks, and hands what it learned to `planning.checkup`, which judges.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

from chanplan.app.discover import discover, scopes_of
from chanplan.app.guarding import check_workspace
from chanplan.app.leftovers import leftovers
from chanplan.app.preview import preview
from chanplan.app.version import version
from chanplan.app.wiring import open_workspace
from chanplan.app.workspace import Workspace
from chanplan.execution.records import setup_records
from chanplan.execution.recovery import Examination, examine
from chanplan.execution.side_by_side import side_by_side
from chanplan.execution.stopping import Stop
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address
from chanplan.model.checkup import Finding
from chanplan.model.discoveries import Answers
from chanplan.model.errors import ChanplanError, Interrupted, Invalid
from chanplan.model.holding import Holding
from chanplan.model.plans import RefreshMode
from chanplan.model.records import DnsRecord
from chanplan.model.requests import Request
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Run, Snapshot
from chanplan.planning.checkup import services, state
from chanplan.planning.checkup.catalogue import finding
from chanplan.planning.checkup.configuration import of_configuration, of_problems
from chanplan.ports.metrics import Metrics

_PACKAGES = ("boto3", "twilio", "dnspython", "psycopg", "pydantic")
_RUNS = 50
"""The latest, among which times and versions are looked for."""
_DOMAINS = 20
"""Setups whose name servers are asked."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found."""

    workspace: str | None
    """None when the configuration doesn't say."""
    version: str
    at: datetime
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Case:
    """What checks learn for each other."""

    workspace: Workspace
    known: bool = False
    """Whether the state was read: else nothing is said, and nobody asked, on its ground."""
    snapshot: Snapshot = field(default_factory=Snapshot)
    runs: tuple[Run, ...] = ()
    holding: Holding | None = None
    ahead: dict[str, float] = field(default_factory=dict)
    """Seconds by which clocks are ahead of this machine's, by whose they are."""


Check = Callable[[_Case], Iterable[Finding]]


def doctor(
    root: Path,
    environment: Mapping[str, str],
    *,
    offline: bool,
    seconds: float,
    stop: Stop,
    metrics: Metrics | None = None,
    ahead: Callable[[], timedelta] | None = None,
) -> Diagnosis:
    """Look at everything, or without calling services only at what is here; each check ends after `seconds`.

    Raises `Interrupted` once a stop is asked for.
    """
    workspace: str | None = None
    findings = [_versions()]
    try:
        with open_workspace(root, environment, stop=stop, metrics=metrics, ahead=ahead) as opened:
            workspace = opened.configuration.workspace
            findings += of_configuration(opened.configuration)
            findings += _examined(_Case(opened), offline=offline, seconds=seconds, stop=stop)
    except Invalid as error:
        findings += of_problems((*error.problems, *error.warnings))
    except Interrupted:
        raise
    except ChanplanError as error:
        findings.append(state.of_failure("configuration", "configuration_invalid", error))
    return Diagnosis(workspace, version(), datetime.now(UTC), tuple(findings))


def _examined(case: _Case, *, offline: bool, seconds: float, stop: Stop) -> list[Finding]:
    findings = _asked({"state": _state, "lock": _lock}, case, seconds, stop)
    now = case.workspace.clock.now()
    findings += state.of_runs(case.runs, case.holding)
    findings += state.of_version(case.runs, version())
    findings += _files(case)
    # Those that were late were told to stop, and with them whatever would ask now.
    late = stop.asked
    if case.known and not offline and not late:
        findings += _asked(_online(case), case, seconds, stop)
    else:
        if case.known:
            findings += state.of_intents(case.snapshot, (), (), case.holding)
        why = (
            "the state couldn't be read"
            if not case.known
            else "nobody was to be asked"
            if offline
            else "to look at the state took too long"
        )
        findings.append(finding("services", "check_left_out", f"Services weren't looked at: {why}."))
    return [*findings, *state.of_times(case.snapshot, case.runs, now, case.ahead)]


def _asked(checks: Mapping[str, Check], case: _Case, seconds: float, stop: Stop) -> list[Finding]:
    questions = {name: _question(check, case) for name, check in checks.items()}
    answers = side_by_side(questions, seconds, stop)
    findings: list[Finding] = []
    for name in checks:
        match answers.get(name):
            case None:
                findings.append(
                    finding(
                        name,
                        "check_timed_out",
                        f"This took longer than {seconds:g} s.",
                        "Give it more time: chanplan doctor --timeout 10m",
                    )
                )
            case ChanplanError() as error:
                code = "state_unreadable" if name == "state" else "check_failed"
                findings.append(state.of_failure(name, code, error))
            case told:
                findings += told
    return findings


def _question(check: Check, case: _Case) -> Callable[[], list[Finding]]:
    return lambda: list(check(case))


def _online(case: _Case) -> Mapping[str, Check]:
    scopes = scopes_of(case.workspace.configuration)
    checks: dict[str, Check] = {services.name_of(scope): _service(scope) for scope in scopes}
    checks |= {"intents": _intents, "objects": _objects}
    if scopes:
        checks["orphans"] = _orphans
    return {**checks, "dns": _dns}


def _versions() -> Finding:
    found = {"Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            continue
    listed = ", ".join(f"{name} {number}" for name, number in found.items())
    return finding("versions", "versions", f"chanplan {version()} with {listed}.")


def _state(case: _Case) -> Iterator[Finding]:
    store = case.workspace.store
    snapshot = store.load()
    check_workspace(case.workspace.configuration, snapshot)
    case.snapshot, case.runs, case.known = snapshot, tuple(store.runs(_RUNS)), True
    place = store.examine()
    if place.clock is not None:
        case.ahead["the state's server"] = place.clock
    yield state.of_snapshot(snapshot, place)
    yield from state.of_store(place)
    yield from state.of_leftovers(snapshot)


def _lock(case: _Case) -> Iterator[Finding]:
    case.holding = case.workspace.store.held()
    yield state.of_lock(case.holding)


def _files(case: _Case) -> Iterator[Finding]:
    workspace = case.workspace
    found = leftovers(workspace.recovery_folders, workspace.configuration.workspace, case.snapshot.lineage)
    for left in found.recoveries:
        if left.error is not None:
            yield state.of_failure("files", "recovery_unreadable", left.error)
        elif left.ours:
            yield finding(
                "files",
                "recovery_waiting",
                f"{left.path} holds what an earlier run couldn't record.",
                "The next `chanplan apply` brings it in by itself, from this folder.",
            )
        else:
            yield finding(
                "files", "recovery_elsewhere", f"{left.path} is of another workspace, or of another state."
            )
    if found.old:
        yield finding(
            "files",
            "files_left",
            f"{found.old:,} backups and recovery files that were brought in lie here, {found.size:,} bytes.",
            "Nobody removes them; delete those that you don't need any more.",
        )


def _service(scope: Scope) -> Check:
    def check(case: _Case) -> Iterator[Finding]:
        facts = case.workspace.examiners[scope.provider].examine(scope)
        if facts.clock is not None:
            case.ahead[services.name_of(scope)] = facts.clock
        recorded = {
            each.scope.account
            for each in case.snapshot.resources.values()
            if (each.scope.provider, each.scope.alias) == (scope.provider, scope.alias)
        }
        yield from services.of_service(facts, frozenset(filter(None, recorded)))

    return check


def _intents(case: _Case) -> Iterator[Finding]:
    workspace, snapshot = case.workspace, case.snapshot
    examined = Examination(())
    if snapshot.intents:
        examined = examine(snapshot, workspace.providers, workspace.clock, workspace.parallelism)
    return state.of_intents(snapshot, examined.settlements, examined.problems, case.holding)


def _objects(case: _Case) -> Iterator[Finding]:
    made = preview(case.workspace, Request(), RefreshMode.SHALLOW, silence)
    return services.of_objects(
        made.moved.snapshot,
        made.reading.gone,
        made.plan.refusals,
        made.reading.unreadable,
    )


def _orphans(case: _Case) -> Iterator[Finding]:
    return services.of_discovered(discover(case.workspace, (), (), Answers()))


def _dns(case: _Case) -> Iterator[Finding]:
    domains: dict[Address, tuple[DnsRecord, ...]] = {}
    for address in sorted(case.snapshot.resources):
        setup = case.snapshot.resources[address]
        if setup.address.kind == "ses_setup" and len(domains) < _DOMAINS:
            records = setup_records(
                setup.attributes,
                setup.facts,
                setup.scope.region,
                case.workspace.configuration.receiving_regions,
            )
            domains[address] = records[:1]
    asked = {address: records for address, records in domains.items() if records}
    return services.of_dns(case.workspace.checker.check(asked, {}))
