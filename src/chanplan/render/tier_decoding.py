"""From a plan document to the move of a tier that it describes, believing nothing."""

import re
from datetime import date

from chanplan.model.plans import Change
from chanplan.model.rates import Rate, rate
from chanplan.model.tier_evidence import Evidence, Why, Window
from chanplan.model.tier_moves import TenantSwitch, TierMove
from chanplan.model.values import Value
from chanplan.render.plan_values import (
    Document,
    Unusable,
    as_count,
    as_flag,
    as_map,
    as_number,
    as_text,
    as_text_or_none,
    as_time,
    as_time_or_none,
)


def move_of(entry: Document | None) -> TierMove | None:
    """Give the move. Raises `Unusable`."""
    if entry is None:
        return None
    as_text(entry["action"])
    return TierMove(
        before=as_text(entry["before"]),
        after=as_text(entry["after"]),
        why=Why(as_text(entry["code"]), as_text(entry["sentence"])),
        evidence=_evidence(as_map(entry["evidence"])),
        decided_at=as_time(entry["decided_at"]),
        by=as_text_or_none(entry["by"]) or "",
        since=as_time_or_none(entry["since"]),
    )


def switch_of(entry: Document | None) -> TenantSwitch | None:
    """Give how a tenant's mail is stopped or let go on. Raises `Unusable`."""
    if entry is None:
        return None
    return TenantSwitch(
        as_flag(entry["stops"]),
        as_text(entry["reason"]),
        as_text(entry["by"]),
        as_time(entry["at"]),
        as_time_or_none(entry["since"]),
    )


def check_told(change: Change, *, tiers: bool) -> None:
    """Raise `Unusable` where a change of a plan of tiers is something else, where another plan has one, and where the
    tiers that a move names aren't those that its difference shows."""
    move, switch = change.tier_move, change.switch
    if (move is not None or switch is not None) is not tiers:
        raise Unusable("a plan moves tiers, or it doesn't")
    if move is not None and (move.before, move.after) != (_tier(change.before), _tier(change.after)):
        raise Unusable("a move of a tier names other tiers than its change")


def _tier(side: Document | None) -> Value:
    return None if side is None else side.get("tier")


def _evidence(entry: Document) -> Evidence:
    return Evidence(
        as_text(entry["policy_version"]),
        as_text_or_none(entry["source"]),
        {name: _window(as_map(window)) for name, window in as_map(entry["windows"]).items()},
    )


def _window(entry: Document) -> Window:
    return Window(
        _day(entry["first"]),
        _day(entry["last"]),
        as_count(entry["sends"]),
        as_count(entry["sending_days"]),
        _rate(as_map(entry["bounces"])),
        _rate(as_map(entry["complaints"])),
    )


def _rate(entry: Document) -> Rate:
    """Count anew: percents in a file that don't follow from their counts would say what nobody saw."""
    for name in ("percent", "low", "high"):
        as_number(entry[name])
    return rate(as_count(entry["count"]), as_count(entry["of"]))


def _day(value: Value) -> date:
    written = as_text(value)
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise Unusable("a day isn't written as 2026-11-23")
