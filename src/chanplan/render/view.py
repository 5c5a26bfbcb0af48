"""One view of a plan, which every renderer shares, so that a terminal and a review say the same.

Every text in a view is safe to print: control and bidirectional characters are visible, passwords in URLs are
masked. Where people wrote several lines (a remedy with its command), the view keeps a tuple of lines.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import (
    Change,
    Drift,
    Plan,
    RefreshMode,
    Refusal,
    Summary,
    Unchecked,
)
from chanplan.model.problems import Problem, Severity
from chanplan.model.tier_moves import TierReview
from chanplan.planning.profile_notes import ACCOUNT_NOT_ACTIVE
from chanplan.render.change_view import ChangeView, LossView, change_view, loss_view
from chanplan.render.gate_view import GateView, gate_views
from chanplan.render.phrases import ago, counted, headline, joined, moment, seconds_in_words
from chanplan.render.printable import line, lines, place
from chanplan.render.rows import Row, drifted_rows
from chanplan.render.tier_view import judged, kept_lines, tier_group, tiers_headline

POOLS = "sending pools"
"""The group of what belongs to no setup."""


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that belong to one setup, the setup first."""

    title: str
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A refusal or a diagnostic: what, where, and what to do."""

    code: str
    address: str
    message: tuple[str, ...]
    remedy: tuple[str, ...]
    source: str = ""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class DriftView:
    """What changed outside chanplan at one address."""

    address: str
    gone: bool
    rows: tuple[Row, ...]
    missing: str
    """The parts that aren't there, or nothing."""
    losses: tuple[LossView, ...]
    times: str
    """When it was read, and what the last close look had found."""
    left: tuple[str, ...]
    """Why the state keeps what it has, in a plan that takes drift into it."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as people read it: what could hurt comes first."""

    workspace: str
    title: str
    headline: str
    summary: Summary
    applyable: bool
    notes: tuple[str, ...]
    """Why the plan isn't the whole story: targets, services that couldn't be read."""
    refusals: tuple[ProblemView, ...]
    destructive: tuple[ChangeView, ...]
    gates: tuple[GateView, ...]
    groups: tuple[Group, ...]
    """Everything that isn't destructive, in reading order."""
    drift: tuple[DriftView, ...]
    unchecked: tuple[str, ...]
    """A line for each kind: attributes with how many resources they weren't compared on."""
    diagnostics: tuple[ProblemView, ...]
    estimate: str
    refreshed: str
    digest: str
    changes: int
    """How many changes are shown."""
    refresh_only: bool
    next_steps: tuple[tuple[str, str], ...]
    """What may be done about drift or tiers, in a plan that is about nothing else: a command, and what it does."""
    tiers: bool
    kept: tuple[str, ...]
    """In a plan that moves tiers: why others stay where they are."""


def view_of(plan: Plan, review: TierReview | None = None, *, each: bool = False) -> PlanView:
    """Make the view of a plan. `review` is what a plan that moves tiers was made of: it tells who stays where they are, by
    reason, or one by one with `each`."""
    shown = plan.effective
    return PlanView(
        workspace=line(plan.workspace),
        title=_title(plan),
        headline=_headline(plan, review),
        summary=plan.summary,
        applyable=plan.applyable,
        notes=_notes(plan),
        refusals=tuple(_refusal(refusal) for refusal in plan.refusals),
        destructive=tuple(change_view(change) for change in shown if change.action.destroys),
        gates=gate_views(shown),
        groups=_groups([change for change in shown if not change.action.destroys]),
        drift=tuple(_drift(drift, plan) for drift in plan.drift),
        unchecked=_unchecked(plan),
        diagnostics=tuple(problem_view(problem) for problem in _ranked(plan.diagnostics, shown)),
        estimate=_estimate(plan) if shown else "",
        refreshed=judged(plan, review) if plan.tiers else _refreshed(plan),
        digest=line(plan.digest),
        changes=len(shown),
        refresh_only=plan.refresh_only,
        next_steps=_next_steps(plan),
        tiers=plan.tiers,
        kept=kept_lines(plan, review, each=each),
    )


def _title(plan: Plan) -> str:
    if plan.refresh_only:
        return f"Outside changes to workspace {line(plan.workspace)}"
    if plan.tiers:
        return f"Tiers of workspace {line(plan.workspace)}"
    return f"{'Destroying workspace' if plan.destroy else 'Workspace'} {line(plan.workspace)}"


def _headline(plan: Plan, review: TierReview | None) -> str:
    if plan.tiers:
        return tiers_headline(plan, review)
    return _drift_headline(plan) if plan.refresh_only else headline(plan.summary, errored=plan.errored)


def _ranked(problems: Sequence[Problem], shown: Iterable[Change]) -> list[Problem]:
    """Put what concerns this plan's changes before what is as it was: a reviewer reads the first few."""
    changed = {change.address for change in shown}
    return sorted(
        problems, key=lambda problem: problem.address is not None and problem.address not in changed
    )


def _drift_headline(plan: Plan) -> str:
    gone = sum(drift.after is None for drift in plan.drift)
    taken = sum(bool(drift.fingerprint) for drift in plan.drift)
    if not plan.drift:
        return "Nothing differs from the state" + (" in what could be read." if plan.errored else ".")
    there = len(plan.drift) - gone
    verb = "differs" if there == 1 else "differ"
    return f"Drift: {there:,} {verb} from the state, {gone:,} gone; {taken:,} to take into the state."


def _next_steps(plan: Plan) -> tuple[tuple[str, str], ...]:
    if plan.tiers and plan.changes and plan.applyable and not any(map(_asked_for, plan.changes)):
        return (("chanplan tiers apply --expect DIGEST", "does this and nothing else."),)
    if not plan.refresh_only or not plan.drift:
        return ()
    takes = any(drift.fingerprint for drift in plan.drift)
    return (
        *((("chanplan apply --refresh-only", "takes into the state what is there."),) if takes else ()),
        ("chanplan apply", "puts back what is declared."),
    )


def _asked_for(change: Change) -> bool:
    """Tell whether an operator asked for a change by name: no evaluation brings it about again."""
    return change.switch is not None or (change.tier_move is not None and change.tier_move.by != "")


def _notes(plan: Plan) -> tuple[str, ...]:
    notes = []
    if plan.made_by_api:
        made = counted(len(plan.made_by_api), "resource")
        left = "is left alone" if len(plan.made_by_api) == 1 else "are left alone"
        notes.append(
            f"{made} that the HTTP API made {left}; `chanplan export` writes the YAML that declares what it made."
        )
    if plan.targeted:
        notes.append("Only a part was planned, as asked for; the rest of the configuration wasn't looked at.")
    if plan.tiers and plan.errored:
        notes.append("Not all that was to move can be moved: the errors below say why.")
    elif any(
        problem.severity is Severity.ERROR and problem.code != ACCOUNT_NOT_ACTIVE
        for problem in plan.diagnostics
    ):
        notes.append("Some services couldn't be read; what lives there isn't in this plan.")
    return tuple(notes)


def _groups(changes: Sequence[Change]) -> tuple[Group, ...]:
    members: dict[tuple[int, str], list[Change]] = {}
    for change in changes:
        members.setdefault(_group_of(change), []).append(change)
    return tuple(
        Group(
            key[1],
            tuple(
                change_view(change)
                for change in sorted(members[key], key=lambda c: (c.address.kind == "use_case", c.address))
            ),
        )
        for key in sorted(members)
    )


def _group_of(change: Change) -> tuple[int, str]:
    if change.tier_move is not None or change.switch is not None:
        return tier_group(change)
    attributes = change.after if change.after is not None else change.before or {}
    for rank, name in enumerate(KINDS["use_case"].references, start=1):
        setup = attributes.get(name)
        if change.address.kind == "use_case" and isinstance(setup, str):
            return (rank, line(setup))
        if change.address.kind == name:
            return (rank, str(change.address))
    return (0, POOLS) if change.address.kind == "sending_pool" else (9, "others")


def _refusal(refusal: Refusal) -> ProblemView:
    address = "" if refusal.address is None else line(str(refusal.address))
    return ProblemView(line(refusal.code), address, lines(refusal.reason), lines(refusal.remedy))


def problem_view(problem: Problem) -> ProblemView:
    """Make the view of one problem."""
    return ProblemView(
        line(problem.code),
        "" if problem.address is None else line(str(problem.address)),
        lines(problem.message),
        lines(problem.remedy),
        place(problem.source),
        problem.severity,
    )


def _drift(drift: Drift, plan: Plan) -> DriftView:
    return DriftView(
        line(str(drift.address)),
        drift.after is None,
        drifted_rows(drift),
        joined([line(part) for part in drift.missing]),
        tuple(loss_view(loss) for loss in drift.losses),
        _times(drift, plan.created_at),
        lines(drift.left),
    )


def _times(drift: Drift, now: datetime) -> str:
    told = [] if drift.read_at is None else [f"read {ago(drift.read_at, now)}"]
    if drift.differed_at is not None:
        told.append(f"a close look {ago(drift.differed_at, now)} found a difference already")
    if drift.alike_at is not None:
        told.append(f"the last close look, {ago(drift.alike_at, now)}, found none")
    return "; ".join(told)


def _unchecked(plan: Plan) -> tuple[str, ...]:
    entries: dict[str, list[Unchecked]] = {}
    for entry in plan.unchecked:
        entries.setdefault(entry.address.kind, []).append(entry)
    written = []
    for kind in sorted(entries):
        counts = Counter(name for entry in entries[kind] for name in entry.attributes)
        names = ", ".join(f"{line(name)} ({counts[name]:,})" for name in sorted(counts))
        written.append(f"{line(kind)}: {names}{_age(plan, entries[kind])}")
    return tuple(written)


def _age(plan: Plan, entries: Sequence[Unchecked]) -> str:
    """Say how old the oldest deep reading is, where this refresh brought none."""
    before = plan.refreshed_at or plan.created_at
    times = [entry.checked_at for entry in entries if entry.checked_at is not None]
    told = []
    if never := len(entries) - len(times):
        told.append(f"{never:,} never read deeply")
    # What this refresh read is no news, unless a clock that is back by now wrote it down.
    if times and ((oldest := min(times)) < before or oldest > plan.created_at):
        told.append(f"oldest deep reading {ago(oldest, before)}")
    return f"; {', '.join(told)}" if told else ""


def _estimate(plan: Plan) -> str:
    calls = {provider: number for provider, number in sorted(plan.estimate.calls.items()) if number}
    if not calls:
        return "No call to any service."
    listed = ", ".join(f"{line(provider)} {number:,}" for provider, number in calls.items())
    total = counted(sum(calls.values()), "call")
    return f"About {seconds_in_words(plan.estimate.seconds)} and {total} ({listed})."


def _refreshed(plan: Plan) -> str:
    if plan.refresh is RefreshMode.NONE or plan.refreshed_at is None:
        return "No service was asked; what the state remembers was compared."
    return f"Read {moment(plan.refreshed_at)} ({plan.refresh} refresh)."
