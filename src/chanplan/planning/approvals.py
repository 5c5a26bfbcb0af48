"""Plans under an approved digest: what remains to be done, what is left to other approvals, what is refused."""

from collections.abc import Iterable
from dataclasses import replace

from chanplan.model.plans import Action, Plan, Refusal
from chanplan.model.snapshots import Approval


def under_approval(plan: Plan, approved: frozenset[str], others: Iterable[Approval]) -> Plan:
    """Keep of a plan what an approval covers.

    A change that another stored approval covers is left to it; any other is refused (`not_approved`). A replacement
    is covered when both halves are; what has no fingerprint needs no approval.
    """
    elsewhere: frozenset[str] = frozenset().union(*(approval.remaining for approval in others))
    kept, refusals = [], list(plan.refusals)
    left = set()
    for change in plan.changes:
        needed = set(change.fingerprints)
        if change.action is Action.NO_OP or needed <= approved:
            kept.append(change)
        elif needed <= elsewhere:
            left.add(change.address)
        else:
            kept.append(change)
            refusals.append(
                Refusal(
                    "not_approved",
                    change.address,
                    f"The approved plan doesn't hold this change of {change.address} ({' and '.join(change.action.words)}).",
                    "Review a new plan and apply with its digest.",
                )
            )
    edges = tuple(edge for edge in plan.edges if not {edge.first.address, edge.then.address} & left)
    return replace(plan, changes=tuple(kept), edges=edges, refusals=tuple(refusals))
