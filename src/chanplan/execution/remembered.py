"""What the state remembers of a resource after an action on it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chanplan.model.kinds.use_case import FIRST_TIER
from chanplan.model.plans import Action, Change, Reason
from chanplan.model.resources import Desired, Origin, ResourceState
from chanplan.model.tier_facts import TIER, TIERING, with_move, with_switch
from chanplan.model.values import Attributes, Facts


def created(
    desired: Desired, id: str, facts: Facts, begun: ResourceState | None, now: datetime
) -> ResourceState:
    """Give what is remembered of a finished create; `begun` is what an earlier attempt left."""
    return ResourceState(
        address=desired.address,
        id=id,
        scope=desired.scope,
        attributes=desired.attributes,
        facts=_with_tier(facts, {} if begun is None else begun.facts, desired.attributes),
        context=desired.context,
        references=desired.references,
        origin=desired.origin,
        created_at=now if begun is None or begun.created_at is None else begun.created_at,
        updated_at=now,
    )


def updated(
    desired: Desired, prior: ResourceState, facts: Facts, change: Change, now: datetime
) -> ResourceState:
    """Give what is remembered of a finished update, or of an import."""
    known = desired.scope if desired.scope.account is not None else prior.scope
    facts = _with_tier(facts, prior.facts, desired.attributes)
    if change.tier_move is not None:
        facts = with_move(facts, change.tier_move)
    if change.switch is not None:
        facts = with_switch(facts, change.switch)
    return replace(
        prior,
        address=desired.address,
        scope=replace(desired.scope, account=known.account),
        # What a stop asked for isn't declared, so it is no attribute.
        attributes=desired.attributes if change.switch is None else prior.attributes,
        facts=facts,
        context=desired.context or prior.context,
        references=desired.references,
        complete=True,
        origin=_origin(desired, prior, change),
        created_at=prior.created_at or now,
        updated_at=now,
    )


def found_otherwise(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Give what the services have as it is declared while the state remembers something else: a person made it so, or
    an earlier run of which nothing more is known. There is nothing to do, but to remember it."""
    return tuple(
        change
        for change in changes
        if change.action is Action.NO_OP
        and change.desired is not None
        and change.prior is not None
        and change.prior.complete
        and change.prior.attributes != change.desired.attributes
    )


def _origin(desired: Desired, prior: ResourceState, change: Change) -> Origin:
    if change.reason is Reason.IMPORTED:
        return Origin.IMPORT
    # What the API made and a configuration declares is the configuration's from then on.
    return desired.origin if prior.origin is Origin.API else prior.origin


def _with_tier(facts: Facts, earlier: Facts, attributes: Attributes) -> Facts:
    # The tier is ours alone: no service knows it, so no provider gives it back.
    if attributes.get("channel") != "email":
        return facts
    known = {name: earlier[name] for name in (TIER, TIERING) if name in earlier}
    return {TIER: FIRST_TIER, **known, **facts}
