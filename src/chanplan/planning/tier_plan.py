"""A plan that moves tiers, and nothing else: from decisions and what the state holds to changes with fingerprints."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.plans import Action, Change, Edge, Plan, Reason, RefreshMode, Refusal, Summary
from chanplan.model.problems import Problem, Severity
from chanplan.model.requests import Reading
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Snapshot
from chanplan.model.tier_evidence import (
    ApproveWish,
    Decision,
    Keep,
    Reinstate,
    Suspend,
    SuspendWish,
    TierHistory,
    Wish,
)
from chanplan.model.tier_moves import TierMove
from chanplan.planning.diff import changed_names, differences
from chanplan.planning.digest import digest_of, fingerprints_of
from chanplan.planning.drift import is_ours
from chanplan.planning.estimate import Costs, estimate
from chanplan.planning.summary import summary_of
from chanplan.planning.tiers import PoolMap, PoolMissing, with_pool
from chanplan.planning.unfinished import desired_of

_MOVED = ("sending_pool", "tier")
_REASONS = {
    "promote": Reason.PROMOTED,
    "demote": Reason.DEMOTED,
    "suspend": Reason.SUSPENDED,
    "reinstate": Reason.REINSTATED,
}
_NO_EDGES: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One use case with what was decided about it."""

    resource: ResourceState
    history: TierHistory
    decision: Decision
    wish: Wish = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A move that was decided, with the pool that carries the use case then."""

    resource: ResourceState
    move: TierMove
    pool: str | PoolMissing | None

    @property
    def changes_pool(self) -> bool:
        """Whether, as far as the state knows, its service hears of it."""
        return self.pool != self.resource.attributes.get("sending_pool")


def email_use_cases(snapshot: Snapshot) -> tuple[ResourceState, ...]:
    """Give the use cases that have a tier, sorted by address. What isn't wholly made sends nothing yet."""
    return tuple(
        resource
        for _, resource in sorted(snapshot.resources.items())
        if resource.complete and "email_type" in resource.attributes
    )


def pools_in(snapshot: Snapshot) -> PoolMap:
    """Give the pools that exist. What is only declared carries nobody's mail."""
    return PoolMap(
        desired_of(resource)
        for resource in snapshot.resources.values()
        if resource.address.kind == "sending_pool" and resource.complete
    )


def proposed_of(judged: Iterable[Judged], pools: PoolMap, now: datetime, by: str) -> tuple[Proposed, ...]:
    """Give the moves that decisions ask for. `by` is who runs this, for what an operator wishes."""
    found = []
    for each in judged:
        decision = each.decision
        if isinstance(decision, Keep) or not _as_wished(decision, each.wish):
            continue
        move = TierMove(
            decision.tier,
            decision.to,
            decision.why,
            decision.evidence,
            now,
            by if each.wish is not None else "",
            each.history.since,
        )
        pool = pools.pool_for(desired_of(each.resource), decision.to)
        found.append(Proposed(each.resource, move, pool))
    return tuple(found)


def make_tier_plan(
    configuration: Configuration,
    snapshot: Snapshot,
    judged: Sequence[Judged],
    proposed: Sequence[Proposed],
    reading: Reading,
    notes: Sequence[Problem],
    now: datetime,
    costs: Costs,
    *,
    targeted: bool = False,
) -> Plan:
    """Plan the moves. `reading` has what the services say of those whose pool changes; `snapshot` is the state with open
    moves of earlier runs settled in memory. Pure.

    What an operator asked for by name and can't be done is refused. What evidence asks for and can't be done is left out
    and told as an error, and the others move: one use case must not hold back the suspension of another.
    """
    wishes = {each.resource.address: each.wish for each in judged if each.wish is not None}
    begun = {intent.address for intent in snapshot.intents}
    found = [_unfulfilled(each) for each in judged if each.wish is not None]
    moved = []
    for each in proposed:
        obstacle = _obstacle(each, reading, begun)
        if obstacle is None:
            moved.append(each)
        else:
            found.append(obstacle)
    problems = [problem for problem in found if problem is not None]
    refused = [each for each in problems if each.address in wishes and each.severity is Severity.ERROR]
    left = [each for each in problems if each not in refused]
    return tier_plan_of(
        configuration,
        snapshot,
        [_change(each, reading) for each in moved],
        tuple(Refusal(each.code, each.address, each.message, each.remedy) for each in refused),
        (*notes, *left, *_drifted(moved, reading)),
        now,
        costs,
        targeted=targeted,
    )


def tier_plan_of(
    configuration: Configuration,
    snapshot: Snapshot,
    changes: Iterable[Change],
    refusals: tuple[Refusal, ...],
    diagnostics: tuple[Problem, ...],
    now: datetime,
    costs: Costs,
    *,
    targeted: bool,
) -> Plan:
    """Give the plan of these changes, each with its fingerprint. It holds no no-ops: a review tells who stays."""
    changes = tuple(
        replace(change, fingerprints=fingerprints_of(change))
        for change in sorted(changes, key=lambda change: change.address)
    )
    return Plan(
        workspace=configuration.workspace,
        lineage=snapshot.lineage,
        serial=snapshot.serial,
        config_digest=configuration.digest,
        digest=digest_of(mark for change in changes for mark in change.fingerprints),
        created_at=now,
        refresh=RefreshMode.SHALLOW,
        refreshed_at=now,
        changes=changes,
        edges=_NO_EDGES,
        drift=(),
        unchecked=(),
        refusals=refusals,
        diagnostics=diagnostics,
        summary=summary_of(changes) if changes else Summary(),
        estimate=estimate(changes, _NO_EDGES, 0, costs),
        targeted=targeted,
        tiers=True,
    )


def _as_wished(decision: Decision, wish: Wish) -> bool:
    """Tell whether a decision is what was asked for: who approves one use case doesn't promote another kind of it."""
    match wish:
        case SuspendWish():
            return isinstance(decision, Suspend)
        case ApproveWish():
            return isinstance(decision, Reinstate)
        case _:
            return True


def _unfulfilled(judged: Judged) -> Problem | None:
    """Say why what an operator wished isn't done: as a warning where there is nothing to do."""
    decision, address = judged.decision, judged.resource.address
    if _as_wished(decision, judged.wish) and not isinstance(decision, Keep):
        return None
    if isinstance(judged.wish, ApproveWish) and decision.tier in TIERS:
        return Problem(
            "not_suspended",
            f"{address} isn't suspended: it is at {decision.tier}.",
            severity=Severity.WARNING,
            address=address,
        )
    why = decision.why
    if why.code == "suspended_already":
        return Problem(
            "suspended_already",
            f"{address} is suspended already.",
            severity=Severity.WARNING,
            address=address,
        )
    code, remedy = _HELD.get(
        why.code,
        (
            "approval_held",
            "Wait until that is over, then approve again: it would be suspended again at once.",
        ),
    )
    return Problem(code, f"{address} stays at {decision.tier}: {why.sentence}", remedy, address=address)


_HELD = {
    "clock_behind": (
        "clock_behind",
        "Set the clock of this machine, or wait until it has passed that moment.",
    ),
    "tier_unknown": (
        "tier_from_newer_version",
        "Use the version of chanplan that gave it that tier, or a later one.",
    ),
}
"""The code and the remedy of what keeps everybody from deciding."""


def _obstacle(proposed: Proposed, reading: Reading, begun: Collection[Address]) -> Problem | None:
    """Say what keeps a move from being made; None when nothing does."""
    resource, move = proposed.resource, proposed.move
    address = resource.address
    if address in begun:
        return Problem(
            "unresolved_intent",
            f"{address} isn't moved to {move.after}: an earlier run began something on it and didn't finish.",
            "Run `chanplan apply`, which finishes it, then this again.",
            address=address,
        )
    if isinstance(proposed.pool, PoolMissing):
        return Problem(
            "pool_missing",
            f"{address} isn't moved to {move.after}: no pool that exists carries {proposed.pool.family} mail at that tier.",
            f"Add `{move.after}` to the tiers of a {proposed.pool.family} pool or declare one, and run `chanplan apply` first.",
            address=address,
        )
    if not proposed.changes_pool:
        return None
    if address in reading.gone:
        return Problem(
            "deleted_behind_our_back",
            f"{address} isn't moved to {move.after}: its configuration set isn't at the service any more.",
            "Run `chanplan apply`, which makes it anew, at onboarding; or delete its block.",
            address=address,
        )
    observed = reading.observed.get(address)
    if observed is None:
        return Problem(
            "unread",
            f"{address} isn't moved to {move.after}: its configuration set couldn't be read.",
            "Run this again once it can; the error of its service is told beside this.",
            address=address,
        )
    if not is_ours(resource, observed):
        return Problem(
            "foreign_object",
            f"{address} isn't moved to {move.after}: what has its configuration set's name doesn't carry our mark (any more).",
            "Find out who took it over. `chanplan plan` says what to do with it.",
            address=address,
        )
    return None


def _change(proposed: Proposed, reading: Reading) -> Change:
    resource, move, pool = proposed.resource, proposed.move, proposed.pool
    assert not isinstance(pool, PoolMissing), "a move without a pool is left out"
    before = {**resource.attributes, "sending_pool": _pool_now(proposed, reading), "tier": move.before}
    after = {**resource.attributes, "sending_pool": pool, "tier": move.after}
    changed = changed_names(before, after, _MOVED)
    return Change(
        address=resource.address,
        provider=resource.scope.provider,
        action=Action.UPDATE,
        reason=_REASONS[move.verb],
        scope=resource.scope,
        id=resource.id,
        before=before,
        after=after,
        changed=changed,
        differences=differences(before, after, changed),
        depends_on=resource.references,
        calls_service="sending_pool" in changed,
        tier_move=move,
        desired=with_pool(desired_of(resource), pool),
        prior=resource,
    )


def _pool_now(proposed: Proposed, reading: Reading) -> str | None:
    remembered: Mapping[str, object] = proposed.resource.attributes
    observed = reading.observed.get(proposed.resource.address)
    pool = (remembered if observed is None else {**remembered, **observed.attributes}).get("sending_pool")
    return pool if isinstance(pool, str) else None


def _drifted(proposed: Iterable[Proposed], reading: Reading) -> Iterable[Problem]:
    """Say where somebody else put a use case that is moved: the move puts it right."""
    for each in proposed:
        now, remembered = _pool_now(each, reading), each.resource.attributes.get("sending_pool")
        if each.resource.address in reading.observed and now != remembered:
            yield Problem(
                "pool_drifted",
                f"{each.resource.address} sends through {_named(now)}, and the state remembers {_named(remembered)}: "
                "somebody moved it outside chanplan.",
                "The move puts it where its tier belongs.",
                Severity.WARNING,
                address=each.resource.address,
            )


def _named(pool: object) -> str:
    return "SES's default" if pool is None else f"pool {pool}"
