"""What a plan that moves tiers says beside what every plan says."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chanplan.model.plans import Change, Plan
from chanplan.model.tier_evidence import Keep
from chanplan.model.tier_moves import TenantSwitch, TierMove, TierReview, TierRow
from chanplan.render.phrases import counted, joined, moment
from chanplan.render.printable import line

_GROUPS = {
    "suspend": "Suspended",
    "demote": "Demoted",
    "reinstate": "Back from suspension",
    "promote": "Promoted",
    "move": "Moved",
}
"""What each move is told under, in the order of what could hurt."""
_TENANTS = "Tenants"
_PAST = {
    "suspend": "suspended",
    "demote": "demoted",
    "reinstate": "reinstated",
    "promote": "promoted",
    "move": "moved",
}


def tiers_headline(plan: Plan, review: TierReview | None) -> str:
    """Write the line that sums it up: `Tiers: 2 to promote, 1 to suspend; 96 kept.`."""
    verbs = Counter(change.tier_move.verb for change in plan.changes if change.tier_move is not None)
    parts = [
        f"{verbs[verb]:,} to {verb}"
        for verb in ("promote", "demote", "suspend", "reinstate", "move")
        if verbs[verb]
    ]
    stops = Counter(change.switch.stops for change in plan.changes if change.switch is not None)
    parts += [f"{stops[True]:,} tenant to stop"] if stops[True] else []
    parts += [f"{stops[False]:,} tenant to let go on"] if stops[False] else []
    told = f"Tiers: {', '.join(parts)}" if parts else "No tier moves"
    return told + (f"; {_kept(plan, review):,} kept." if review is not None else ".")


def judged(plan: Plan, review: TierReview | None) -> str:
    """Say when tiers were judged, who told of the mail, and how many calls that took."""
    if review is None:
        return f"Judged {moment(plan.created_at)}."
    return asked_text(review)


def asked_text(review: TierReview) -> str:
    """Say likewise of a review."""
    sources = Counter(row.decision.evidence.source for row in review.rows)
    nobody = sources.pop(None, 0)
    told = [f"{line(str(source))} ({number:,})" for source, number in sorted(sources.items(), key=str)]
    told += [f"nobody ({nobody:,})"] if nobody else []
    by = f" Mail told by {joined(told)}." if told else ""
    return f"Judged {moment(review.at)} with {counted(review.calls, 'call')}.{by}"


def tier_group(change: Change) -> tuple[int, str]:
    """Give the group that a move is told in, and its rank."""
    if change.tier_move is None:
        return len(_GROUPS), _TENANTS
    verb = change.tier_move.verb
    return list(_GROUPS).index(verb), _GROUPS[verb]


def move_in_words(move: TierMove) -> str:
    """Say what will happen to a use case."""
    verb = _PAST[move.verb]
    if move.verb == "suspend":
        return f"will be {verb}, from {line(move.before)}"
    if move.verb == "reinstate":
        return f"will be {verb}, at {line(move.after)}"
    return f"will be {verb} from {line(move.before)} to {line(move.after)}"


def switch_in_words(switch: TenantSwitch) -> str:
    """Say what will happen to the mail of a tenant."""
    return "will stop all mail of its tenant" if switch.stops else "will let the mail of its tenant go on"


def done_in_words(change: Change) -> str | None:
    """Say what was done, where it was a move; None for everything else."""
    if change.switch is not None:
        return (
            "stopped: its tenant sends nothing" if change.switch.stops else "started: its tenant sends again"
        )
    move = change.tier_move
    if move is None:
        return None
    return f"{_PAST[move.verb]}: {line(move.before)} -> {line(move.after)}"


def done_because(change: Change) -> str:
    """Say why, where it was a move; nothing of everything else."""
    if change.switch is not None:
        return line(change.switch.reason)
    return "" if change.tier_move is None else line(change.tier_move.why.sentence)


def kept_lines(plan: Plan, review: TierReview | None, *, each: bool) -> tuple[str, ...]:
    """Sum up by reason which use cases stay where they are, the most frequent first; or say it of `each`."""
    if review is None:
        return ()
    moved = {change.address for change in plan.changes}
    kept = [row for row in review.rows if row.address not in moved]
    return tuple(_each(kept) if each else _summed(kept))


def _each(kept: Sequence[TierRow]) -> Iterator[str]:
    for row in kept:
        yield f"{line(str(row.address))} ({line(row.tier)}), {row.decision.why.code}: {line(row.decision.why.sentence)}"


def _summed(kept: Sequence[TierRow]) -> Iterator[str]:
    reasons: dict[str, list[TierRow]] = {}
    for row in kept:
        # What is to move and can't be is told as an error, with what to do.
        code = row.decision.why.code if isinstance(row.decision, Keep) else "not_moved"
        reasons.setdefault(code, []).append(row)
    for code, rows in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        first = rows[0]
        such = "" if len(rows) == 1 else "such as "
        yield f"{len(rows):,} {code}: {such}{line(str(first.address))}, {line(first.tier)}. {line(first.decision.why.sentence)}"


def _kept(plan: Plan, review: TierReview) -> int:
    moved = {change.address for change in plan.changes}
    return sum(row.address not in moved for row in review.rows)
