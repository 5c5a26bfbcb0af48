"""What becomes of a tier, in words."""

from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.tier_evidence import SUSPENDED, Demote, Keep, Promote, Reinstate, Suspend
from chanplan.model.tier_moves import TierRow
from chanplan.render.printable import line

LADDER = (*TIERS, SUSPENDED)
"""The tiers in the order in which they are shown."""


def next_tier(tier: str) -> str | None:
    """Give the tier above one; None at the top and out of the ladder."""
    return TIERS[TIERS.index(tier) + 1] if tier in TIERS[:-1] else None


def outlook(row: TierRow) -> str:
    """Say in one line what the next run does with a use case, or what stands before its promotion and when that is due."""
    decision = row.decision
    why = line(decision.why.sentence)
    match decision:
        case Promote():
            return f"The next run promotes it to {decision.to}: {why}"
        case Demote():
            return f"The next run demotes it to {decision.to}: {why}"
        case Suspend():
            return f"The next run suspends it: {why}"
        case Reinstate():
            return f"The next run takes it back to {decision.to}: {why}"
        case Keep():
            return _kept(row, decision, why)


def _kept(row: TierRow, decision: Keep, why: str) -> str:
    if row.tier == SUSPENDED:
        return f"Stays suspended: {why}"
    higher = next_tier(row.tier)
    if higher is None or not decision.blocks:
        return why
    when = (
        f"{higher.capitalize()} on {row.due} at the earliest" if row.due is not None else f"Not {higher} yet"
    )
    more = len(decision.blocks) - 1
    others = f" {more} more {'stands' if more == 1 else 'stand'} before it." if more > 0 else ""
    return f"{when}: {why}{others}"
