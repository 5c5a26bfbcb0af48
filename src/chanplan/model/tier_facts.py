"""What a state remembers of tiers and of stopped tenants, as JSON and back. It stands among the facts of a resource, so that
whatever moves a resource takes it along.

Rates are kept as two counts; their percents and bounds follow. Readers raise `StateUnreadable` with the place.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TypeAlias

from chanplan.model.narrowing import Shape, shape_of
from chanplan.model.rates import Rate, rate
from chanplan.model.resources import ResourceState
from chanplan.model.tier_evidence import SUSPENDED, Evidence, TierHistory, Why, Window
from chanplan.model.tier_moves import TenantSwitch, TierMove
from chanplan.model.values import Facts, Value

Document: TypeAlias = dict[str, Value]

TIER, TIERING = "tier", "tiering"
"""The facts of a use case that tell its tier, and how it came to it."""
SENDING = "sending"
"""The fact of a setup that tells who stopped its tenant's mail, or let it go on."""
MOVES_KEPT = 20
"""So many moves of a use case are remembered: what a change writes stays bounded."""


def history_of(resource: ResourceState, decided_at: datetime | None = None) -> TierHistory:
    """Give how a use case came to its tier. One that never moved has been at it since it was made."""
    made = resource.created_at or resource.updated_at or datetime.fromtimestamp(0, UTC)
    shape = _tiering(resource)
    if shape is None:
        return TierHistory(made, None, decided_at)
    return TierHistory(
        shape.optional_moment("since") or made,
        shape.optional_moment("moved_at"),
        decided_at,
        shape.flag("by_operator", default=False),
    )


def moves_of(resource: ResourceState) -> tuple[TierMove, ...]:
    """Give the moves of a use case, the latest first, as far as they are remembered."""
    shape = _tiering(resource)
    return () if shape is None else tuple(decode_move(each) for each in shape.inners("moves"))


def with_move(facts: Facts, move: TierMove) -> Facts:
    """Give the facts of a use case after a move. The tier begins when the move was decided, whoever records it."""
    tiering = facts.get(TIERING)
    earlier = tiering.get("moves") if isinstance(tiering, Mapping) else None
    moves = list(earlier) if isinstance(earlier, list | tuple) else []
    at = _moment(move.decided_at)
    return {
        **facts,
        TIER: move.after,
        TIERING: {
            "since": at,
            "moved_at": at,
            "by_operator": bool(move.by) and move.after == SUSPENDED,
            "moves": [encode_move(move), *moves][:MOVES_KEPT],
        },
    }


def switch_of(resource: ResourceState) -> TenantSwitch | None:
    """Give how the mail of a setup's tenant was last stopped or let go on; None where it never was."""
    found = resource.facts.get(SENDING)
    return None if found is None else decode_switch(shape_of(found, f"{resource.address}.facts.{SENDING}"))


def with_switch(facts: Facts, switch: TenantSwitch) -> Facts:
    """Give the facts of a setup after its tenant was stopped or let go on."""
    return {**facts, SENDING: encode_switch(switch)}


def encode_move(move: TierMove) -> Document:
    """Write a move."""
    return {
        "before": move.before,
        "after": move.after,
        "code": move.why.code,
        "sentence": move.why.sentence,
        "policy_version": move.evidence.policy_version,
        "source": move.evidence.source,
        "windows": {name: _encode_window(window) for name, window in move.evidence.windows.items()},
        "decided_at": _moment(move.decided_at),
        "by": move.by,
        "since": None if move.since is None else _moment(move.since),
    }


def decode_move(shape: Shape) -> TierMove:
    """Read a move."""
    windows = shape.optional_inner("windows")
    names = () if windows is None else tuple(windows.fields)
    return TierMove(
        before=shape.text("before"),
        after=shape.text("after"),
        why=Why(shape.text("code"), shape.text("sentence")),
        evidence=Evidence(
            shape.text("policy_version"),
            shape.optional_text("source"),
            {} if windows is None else {name: _decode_window(windows.inner(name)) for name in names},
        ),
        decided_at=shape.moment("decided_at"),
        by=shape.optional_text("by") or "",
        since=shape.optional_moment("since"),
    )


def encode_switch(switch: TenantSwitch) -> Document:
    """Write how a tenant was stopped or let go on."""
    return {
        "stops": switch.stops,
        "reason": switch.reason,
        "by": switch.by,
        "at": _moment(switch.at),
        "since": None if switch.since is None else _moment(switch.since),
    }


def decode_switch(shape: Shape) -> TenantSwitch:
    """Read how a tenant was stopped or let go on."""
    return TenantSwitch(
        shape.flag("stops", default=False),
        shape.optional_text("reason") or "",
        shape.optional_text("by") or "",
        shape.moment("at"),
        shape.optional_moment("since"),
    )


def _tiering(resource: ResourceState) -> Shape | None:
    found = resource.facts.get(TIERING)
    return None if found is None else shape_of(found, f"{resource.address}.facts.{TIERING}")


def _encode_window(window: Window) -> Document:
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "sends": window.sends,
        "sending_days": window.sending_days,
        "bounces": {"count": window.bounces.count, "of": window.bounces.of},
        "complaints": {"count": window.complaints.count, "of": window.complaints.of},
    }


def _decode_window(shape: Shape) -> Window:
    return Window(
        _day(shape, "first"),
        _day(shape, "last"),
        shape.whole("sends"),
        shape.whole("sending_days"),
        _rate(shape.inner("bounces")),
        _rate(shape.inner("complaints")),
    )


def _rate(shape: Shape) -> Rate:
    return rate(shape.whole("count"), shape.whole("of"))


def _day(shape: Shape, key: str) -> date:
    try:
        return date.fromisoformat(shape.text(key))
    except ValueError:
        raise shape.unfit(key, "a day (ISO 8601)") from None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
