"""Plans under an approved digest: what remains to be done, what is left to other approvals, what is refused."""

from collections.abc import Iterable
from dataclasses import replace

from chanplan.model.plans import Action, Plan, Refusal
from chanplan.model.snapshots import Approval
from chanplan.planning.graph import followers
from chanplan.planning.summary import summary_of


def under_approval(plan: Plan, approved: frozenset[str], others: Iterable[Approval]) -> Plan:
    """Keep of a plan what an approval covers.

    A change that another stored approval covers is left to it, and so is what must come after; any other is refused
    (`not_approved`). A replacement is covered when both halves are; what has no fingerprint needs no approval.
    """
    elsewhere: frozenset[str] = frozenset().union(*(approval.remaining for approval in others))
    left, strange = set(), []
    for change in plan.changes:
        needed = set(change.fingerprints)
        if change.action is Action.NO_OP or needed <= approved:
            continue
        if needed <= elsewhere:
            left.add(change.address)
        else:
            strange.append(change)
    left |= followers(left, plan.edges)
    kept = tuple(change for change in plan.changes if change.address not in left)
    refusals = [refusal for refusal in plan.refusals if refusal.address not in left]
    refusals += [
        Refusal(
            "not_approved",
            change.address,
            f"The approved plan doesn't hold this change of {change.address} ({' and '.join(change.action.words)}).",
            "Review a new plan and apply with its digest.",
        )
        for change in strange
    ]
    edges = tuple(edge for edge in plan.edges if left.isdisjoint((edge.first.address, edge.then.address)))
    return replace(plan, changes=kept, edges=edges, refusals=tuple(refusals), summary=summary_of(kept))
