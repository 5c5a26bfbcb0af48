"""Judging the state: where it is kept, what it remembers, who works on it, and what earlier runs left open."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from chanplan.model.checkup import Concern, Finding, StoreFacts
from chanplan.model.errors import ChanplanError
from chanplan.model.handovers import open_handover
from chanplan.model.holding import Holding
from chanplan.model.problems import Problem
from chanplan.model.settlements import Ambiguous, Settlement
from chanplan.model.snapshots import Intent, IntentKind, Run, Snapshot
from chanplan.planning.checkup.catalogue import finding, first_of

SILENT_SECONDS = 300.0
"""Ten times as long as a holder on S3 says nothing."""
BACK_SECONDS = 60.0
"""By which times in the state may be ahead of this machine: clocks of two machines are never quite the same."""

_PLACE = {
    Concern.NOT_WRITABLE: (
        "The state can't be written",
        "Give that right to whoever applies; who only plans needs none.",
    ),
    Concern.DAMAGED: (
        "The state is damaged",
        "Restore it from a backup; without one, import what exists into a new state.",
    ),
    Concern.CONDITIONS_IGNORED: (
        "Two runs could overwrite each other's state",
        "Use Amazon S3, a server that keeps to conditional writes, or another backend.",
    ),
    Concern.READABLE_BY_OTHERS: (
        "Others may read the state",
        "Take that right away: chmod 600 for a file and 700 for its folder, REVOKE … FROM PUBLIC in a database.",
    ),
    Concern.LITTLE_SPACE: ("The disk of the state is almost full", "Free some space before the next apply."),
    Concern.NO_VERSIONS: (
        "Nothing can be put back after a mistake",
        "Turn on versioning, with a lifecycle rule for noncurrent versions (docs/state.md).",
    ),
    Concern.VERSIONS_UNKNOWN: (
        "Whether the bucket keeps old versions isn't known",
        "Allow s3:GetBucketVersioning, or look there by hand.",
    ),
}


def of_store(facts: StoreFacts) -> Iterator[Finding]:
    """Judge the place of the state."""
    for remark in facts.remarks:
        sentence, remedy = _PLACE[remark.concern]
        yield finding("state", remark.concern, f"{sentence}: {remark.detail.rstrip('.')}.", remedy)


def of_failure(check: str, code: str, error: ChanplanError) -> Finding:
    """Tell of something that couldn't be looked at."""
    return finding(check, code, error.message, error.remedy)


def of_snapshot(snapshot: Snapshot, facts: StoreFacts) -> Finding:
    """Tell what the state holds."""
    if snapshot.lineage is None:
        return finding(
            "state",
            "state_missing",
            f"There is no state yet at {facts.place}.",
            "The first apply makes it. If there was one, check `state:` and -C.",
        )
    size = "" if facts.size is None else f", {facts.size:,} bytes"
    details = "".join(f", {name} {value}" for name, value in facts.details.items())
    return finding(
        "state",
        "state_readable",
        f"{facts.place}: serial {snapshot.serial}, {len(snapshot.resources):,} resources{size}{details}.",
    )


def of_runs(runs: Sequence[Run], holding: Holding | None) -> Iterator[Finding]:
    """Judge how the latest run ended; `runs` are newest first. Breaking a dead run's lock doesn't end what it began."""
    last = next((run for run in runs if not run.command.startswith("unlock")), None)
    if last is None:
        return
    who = f"{last.command} by {last.holder}, begun {_stamp(last.started_at)}"
    if last.result is None and holding is not None and not holding.over:
        yield finding("history", "run_under_way", f"A run is under way: {who}.")
    elif last.result is None:
        yield finding(
            "history",
            "run_unfinished",
            f"The last run was killed or lost its state: {who}.",
            "Run `chanplan apply`: it goes on with what was begun.",
        )
    elif last.result == "failed":
        yield finding(
            "history",
            "run_failed",
            f"The last run failed: {who}; {last.done} done, {last.failed} failed.",
            "Run `chanplan plan` to see what is left.",
        )
    else:
        yield finding("history", "run_ended", f"The last run ended ({last.result}): {who}.")


def of_version(runs: Sequence[Run], version: str) -> Iterator[Finding]:
    """Say when a newer chanplan has worked on the state."""
    newest = max((run.version for run in runs if run.version is not None), key=_parts, default=None)
    if newest is not None and _parts(newest) > _parts(version):
        yield finding(
            "history",
            "state_from_newer",
            f"chanplan {newest} has worked on this state, and this is {version}.",
            "Use one version everywhere: what the newer one added to the state may be unknown to this one.",
        )


def of_lock(holding: Holding | None) -> Finding:
    """Judge the lock."""
    if holding is None:
        return finding("lock", "lock_free", "Nobody holds the lock.")
    if holding.over:
        return finding(
            "lock",
            "lock_left",
            f"A run left the lock behind: {holding}.",
            f"It won't write again:\nchanplan unlock {holding.id}",
        )
    if holding.silent is not None and holding.silent > SILENT_SECONDS:
        return finding(
            "lock",
            "lock_silent",
            f"The lock's holder has probably died: {holding}.",
            f"Make sure that it doesn't run any more, then:\nchanplan unlock {holding.id}",
        )
    return finding("lock", "lock_held", f"The lock is held by {holding}.", "Wait until it ends.")


def of_intents(
    snapshot: Snapshot,
    settlements: Sequence[Settlement],
    problems: Sequence[Problem],
    holding: Holding | None,
) -> Iterator[Finding]:
    """Explain what earlier runs began and didn't end; `settlements` are what an apply would make of it, as far as anybody
    looked."""
    outcomes = {each.intent.id: each for each in settlements}
    unlooked = {problem.address: problem for problem in problems}
    handover = open_handover(snapshot)
    if handover is not None:
        first = min(handover.names)
        yield finding(
            "intents",
            "handover_open",
            f"A `state mv` of {len(handover.names)} resources to workspace {handover.workspace} was begun"
            f" {_stamp(handover.started_at)} and hasn't ended: nothing else can be done.",
            "End it, which calls no service, with that workspace's configuration:\n"
            f"chanplan state mv {first} {handover.names[first]} --to CONFIG",
            first,
        )
    begun = [each for each in snapshot.intents if each.kind is not IntentKind.HANDOVER]
    if not begun and handover is None:
        yield finding("intents", "nothing_begun", "No run has left anything half done.")
    shown, more = first_of(begun)
    for intent in shown:
        yield _of_intent(intent, outcomes.get(intent.id), unlooked.get(intent.address), holding)
    if more:
        yield finding("intents", "intent_open", f"{more:,} more changes were begun and not ended.")


def _of_intent(
    intent: Intent, outcome: Settlement | None, unlooked: Problem | None, holding: Holding | None
) -> Finding:
    begun = f"A run began to {intent.kind.value} {intent.address} at {_stamp(intent.started_at)}"
    if holding is not None and not holding.over:
        return finding(
            "intents", "run_under_way", f"{begun}, and may be at it still.", address=intent.address
        )
    if isinstance(outcome, Ambiguous):
        return finding(
            "intents", "intent_ambiguous", f"{begun}. {outcome.reason}", outcome.remedy, intent.address
        )
    if outcome is not None:
        return finding(
            "intents",
            "intent_open",
            f"{begun} and didn't end it. An apply would find: {outcome.outcome}",
            "Run `chanplan apply`.",
            intent.address,
        )
    if unlooked is not None:
        return finding(
            "intents",
            "intent_unexamined",
            f"{begun}. {unlooked.message}",
            unlooked.remedy,
            intent.address,
        )
    return finding(
        "intents",
        "intent_open",
        f"{begun} and didn't end it. Nobody has looked what came of it.",
        "`chanplan apply` looks, and goes on with it.",
        intent.address,
    )


def of_leftovers(snapshot: Snapshot) -> Iterator[Finding]:
    """Tell of resources that are half made, and of approvals of which something remains."""
    shown, more = first_of(
        address for address in sorted(snapshot.resources) if not snapshot.resources[address].complete
    )
    for address in shown:
        yield finding(
            "state",
            "resource_incomplete",
            f"{address} is half made.",
            "Run `chanplan apply`: it is continued under the same id, or taken down when it is declared no more.",
            address,
        )
    if more:
        yield finding("state", "resource_incomplete", f"{more:,} more resources are half made.")
    for approval in snapshot.approvals:
        if approval.remaining:
            yield finding(
                "state",
                "approval_open",
                f"Of the approval {approval.digest} of {_stamp(approval.approved_at)}, {len(approval.remaining)} of"
                f" {len(approval.fingerprints)} changes remain.",
                f"They may still be done: chanplan apply --expect {approval.digest}",
            )


def of_times(
    snapshot: Snapshot, runs: Sequence[Run], now: datetime, ahead: Mapping[str, float]
) -> Iterator[Finding]:
    """Compare this machine's clock with the times in the state and, by what they are called, with those of servers."""
    times = {
        "the last run": max(
            (each for run in runs for each in (run.started_at, run.finished_at) if each), default=None
        ),
        "the last change": max(
            (each.updated_at for each in snapshot.resources.values() if each.updated_at), default=None
        ),
        "the last look": max((each.read_at for each in snapshot.observations.values()), default=None),
    }
    late = {
        what: at
        for what, at in times.items()
        if at is not None and at - now > timedelta(seconds=BACK_SECONDS)
    }
    for what, at in late.items():
        yield finding(
            "clock",
            "clock_went_back",
            f"By this machine's clock it is {_stamp(now)}, and {what} was at {_stamp(at)}.",
            "Set the clock right, here or where that run was: ages and deadlines are reckoned with it.",
        )
    far = {what: seconds for what, seconds in ahead.items() if abs(seconds) > BACK_SECONDS}
    for what, seconds in far.items():
        yield finding(
            "clock",
            "clock_differs",
            f"The clock of {what} is {abs(seconds):,.0f} s {'ahead of' if seconds > 0 else 'behind'} this machine's.",
            "Set this machine's clock right (NTP): AWS refuses requests that are signed more than 5 minutes off.",
        )
    if ahead and not far and not late:
        yield finding(
            "clock", "clock_agrees", f"This machine's clock agrees with that of {', '.join(ahead)}."
        )


def _parts(version: str) -> tuple[int, ...]:
    numbers = version.partition("+")[0].split(".")
    return tuple(int(part) for part in numbers if part.isdecimal())


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
