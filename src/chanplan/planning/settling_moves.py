"""Deciding how a move of a tier, or a stop of a tenant, ended that an earlier run began.

Each is one call that happens or doesn't, so a look tells which. What didn't happen isn't repeated: by now the evidence may say
something else.
"""

from dataclasses import replace
from datetime import datetime

from chanplan.model.resources import Observed, ResourceState
from chanplan.model.settlements import Settled
from chanplan.model.snapshots import Intent, PutResource
from chanplan.model.tier_facts import with_move, with_switch
from chanplan.model.values import Facts

SENDING_BY_US = "sending_status_by_us"
"""The fact of a reading that tells whether we let a tenant send: `ENABLED`, `DISABLED`, `REINSTATED`."""


def settle_move(
    intent: Intent, observed: Observed | None, held: ResourceState | None, now: datetime
) -> Settled:
    """Judge an open intent that carries a move or a switch."""
    address = intent.address
    if held is None or held.id != intent.resource_id or observed is None:
        return Settled(intent, (), f"{address} is gone; its interrupted move is dropped.")
    ours = observed.marks is None or observed.marks.id == held.id
    if not ours or not _is_done(intent, observed):
        return Settled(intent, (), f"{address} wasn't {_verb(intent)}; whether it is, is decided anew.")
    facts: Facts = {**held.facts, **intent.facts}
    attributes = held.attributes
    if intent.tier_move is not None:
        facts = with_move(facts, intent.tier_move)
        attributes = {**attributes, "sending_pool": _target(intent)}
    if intent.switch is not None:
        facts = with_switch(facts, intent.switch)
    moved = replace(held, attributes=attributes, facts=facts, updated_at=now)
    return Settled(intent, (PutResource(moved),), f"{address} was {_verb(intent)}.", succeeded=True)


def _is_done(intent: Intent, observed: Observed) -> bool:
    if intent.switch is not None:
        stopped = observed.facts.get(SENDING_BY_US) == "DISABLED"
        return stopped == intent.switch.stops
    return "sending_pool" in observed.attributes and observed.attributes["sending_pool"] == _target(intent)


def _target(intent: Intent) -> str | None:
    pool = None if intent.desired is None else intent.desired.attributes.get("sending_pool")
    return pool if isinstance(pool, str) else None


def _verb(intent: Intent) -> str:
    if intent.switch is not None:
        return "stopped" if intent.switch.stops else "let go on"
    move = intent.tier_move
    return "moved" if move is None else f"moved from {move.before} to {move.after}"
