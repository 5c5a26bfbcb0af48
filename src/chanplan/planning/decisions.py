"""One address at a time: what happens to it, and why."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import Attribute, Effect, Kind
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.plans import Action, Change, Reason
from chanplan.model.resources import Desired, Observed, Origin, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Intent, IntentKind
from chanplan.model.values import Attributes, Value
from chanplan.planning.diff import changed_names, differences
from chanplan.planning.gates import dns_passes
from chanplan.planning.imports import Adoption
from chanplan.planning.numbers import as_remembered
from chanplan.planning.situation import Situation

PROTECTION = "prevent_destroy"


def decide(situation: Situation, address: Address) -> Change:
    """Decide what happens to an address that is declared, remembered, or both."""
    desired, prior = situation.desired.get(address), situation.prior(address)
    if desired is None:
        if prior is None:
            raise ValueError(address)
        return _undeclared(situation, prior)
    if prior is None:
        adoption = situation.adoptions.get(address)
        if adoption is not None:
            return _import(situation, desired, adoption)
        return _create(situation, desired, None, Reason.NOT_IN_STATE)
    if not prior.complete:
        return _unfinished(situation, desired, prior)
    if address in situation.reading.gone and KINDS[address.kind].owns_objects:
        lost = KINDS[address.kind].losses_of(prior.attributes)
        return replace(_create(situation, desired, None, Reason.GONE), losses=lost)
    return _compare(situation, desired, prior)


def declared_now(situation: Situation, prior: ResourceState, desired: Desired | None) -> Attributes:
    """Give the declared attributes as the services have them: what was read, else what the state remembers.

    While an update is half done, what it was changing counts as not yet changed, so that the update that is
    repeated is the one that was reviewed; what is declared as it was before counts as changed already where it
    wasn't read, or only in part, so that it is put back. Of tags, only the keys that are ours are looked at.
    """
    observed = situation.observed(prior.address)
    now = as_read(prior, observed, desired)
    begun = situation.begun.get(prior.address)
    if begun is not None and begun.kind in (IntentKind.UPDATE, IntentKind.IMPORT):
        now.update(_half_done(begun, desired, set() if observed is None else set(observed.attributes)))
    kept = as_remembered(situation, prior, now)
    if kept is not None:
        now["phone_numbers"] = kept
    return now


def as_read(prior: ResourceState, observed: Observed | None, desired: Desired | None) -> dict[str, Value]:
    """Give the declared attributes as they were read, and as the state remembers them where they weren't."""
    now: dict[str, Value] = dict(prior.attributes)
    if observed is not None:
        names = KINDS[prior.address.kind].attributes_of(prior.attributes)
        now.update({name: value for name, value in observed.attributes.items() if name in names})
    if "tags" in now:
        ours = _keys(prior.attributes.get("tags")) | _keys(
            None if desired is None else desired.attributes.get("tags")
        )
        tags = now["tags"]
        if isinstance(tags, Mapping):
            now["tags"] = {key: value for key, value in tags.items() if key in ours}
    return now


def _half_done(begun: Intent, desired: Desired | None, read: Collection[str]) -> Attributes:
    """Give what to compare with of attributes that an unfinished update was changing."""
    if begun.prior is None or begun.desired is None:
        return {}
    before, towards = begun.prior.attributes, begun.desired.attributes
    names = [name for name in begun.changed if name in before or name in towards]
    if desired is None:
        return {name: before.get(name) for name in names if name not in read}
    reverted = {name for name in names if desired.attributes.get(name) == before.get(name)}
    attributes = KINDS[begun.address.kind].attributes_of(towards)
    return {
        name: towards.get(name) if name in reverted else before.get(name)
        for name in names
        if name not in reverted or name not in read or attributes[name].read_in_part
    }


def _keys(tags: Value) -> set[str]:
    return set(tags) if isinstance(tags, Mapping) else set()


def _undeclared(situation: Situation, prior: ResourceState) -> Change:
    address = prior.address
    destroying = situation.request.destroy
    removed = situation.removed.get(address)
    if prior.origin is Origin.API and removed is None and not _began(situation, address, IntentKind.DELETE):
        return _unchanged(situation, None, prior, prior.attributes)
    reason = Reason.DESTROY_REQUESTED if destroying else Reason.NOT_DECLARED
    action = Action.DELETE
    if removed is not None and not destroying:
        reason = Reason.REMOVED
        action = Action.DELETE if removed.destroy else Action.FORGET
    if address in situation.reading.gone and action is Action.DELETE:
        action, reason = Action.FORGET, Reason.GONE
    resumed = not prior.complete or _began(situation, address, IntentKind.DELETE)
    lost = not resumed and (action is Action.DELETE or reason is Reason.GONE)
    return Change(
        address=address,
        provider=prior.scope.provider,
        action=action,
        reason=Reason.RESUMED if resumed and action is Action.DELETE and prior.complete else reason,
        scope=prior.scope,
        id=prior.id,
        previous_address=situation.previous.get(address),
        before=declared_now(situation, prior, None),
        depends_on=prior.references,
        source=None if removed is None else removed.source,
        losses=KINDS[address.kind].losses_of(_left_behind(situation, prior.attributes)) if lost else (),
        calls_service=action is Action.DELETE and KINDS[address.kind].owns_objects,
        prior=prior,
    )


def _create(
    situation: Situation, desired: Desired, unfinished: ResourceState | None, reason: Reason
) -> Change:
    kind = KINDS[desired.address.kind]
    need = kind.gate_of(desired.attributes)
    return Change(
        address=desired.address,
        provider=desired.scope.provider,
        action=Action.CREATE,
        reason=reason,
        scope=desired.scope,
        id=None if unfinished is None else unfinished.id,
        previous_address=situation.previous.get(desired.address),
        after=desired.attributes,
        changed=tuple(sorted(desired.attributes)),
        after_unknown=kind.computed_of(desired.attributes),
        depends_on=desired.references,
        source=desired.source,
        gate=None if need is None else situation.gate(need),
        desired=desired,
        prior=unfinished,
    )


def _import(situation: Situation, desired: Desired, adoption: Adoption) -> Change:
    """Plan an update of what exists as if the state had remembered it as it was found. It is never replaced: what can't
    be changed in place is refused later."""
    if adoption.prior is None:
        change = Change(
            address=desired.address,
            provider=desired.scope.provider,
            action=Action.UPDATE,
            reason=Reason.IMPORTED,
            scope=desired.scope,
            before=desired.attributes,
            after=desired.attributes,
            depends_on=desired.references,
            desired=desired,
        )
    else:
        change = _compare(situation, desired, adoption.prior)
        kept = None if change.action.replaces else change.gate
        change = replace(change, action=Action.UPDATE, reason=Reason.IMPORTED, gate=kept, after_unknown=())
    return replace(
        change,
        id=adoption.id,
        importing=adoption.importing,
        losses=adoption.losses,
        source=adoption.source or desired.source,
        calls_service=True,
    )


def _unfinished(situation: Situation, desired: Desired, prior: ResourceState) -> Change:
    kind = KINDS[desired.address.kind]
    effects = _effects(
        kind, prior.attributes, desired.attributes, set(prior.attributes) | set(desired.attributes)
    )
    moved_away = not prior.scope.same_place(desired.scope)
    if not moved_away and not any(effect in (Effect.REPLACE, Effect.REFUSED) for effect in effects.values()):
        return _create(situation, desired, prior, Reason.RESUMED)
    change = _create(situation, desired, None, Reason.CANNOT_UPDATE)
    return replace(
        change,
        action=Action.REPLACE,
        id=prior.id,
        before=prior.attributes,
        changed=tuple(sorted(effects)),
        differences=differences(prior.attributes, desired.attributes, sorted(effects)),
        replace_paths=_paths(effects),
        prior=prior,
    )


def _compare(situation: Situation, desired: Desired, prior: ResourceState) -> Change:
    kind = KINDS[desired.address.kind]
    before = declared_now(situation, prior, desired)
    attributes = {**kind.attributes_of(before), **kind.attributes_of(desired.attributes)}
    changed = changed_names(before, desired.attributes, attributes)
    observed = situation.observed(prior.address)
    if not changed:
        change = _unchanged(situation, desired, prior, before)
        if (observed is not None and observed.incomplete) or _learned_something(situation, prior):
            change = replace(change, action=Action.UPDATE, reason=Reason.MENDED, calls_service=True)
        return _adopted(_with_rearm(situation, _with_lost_parts(change, observed)))
    effects = _effects(kind, before, desired.attributes, changed)
    reason = Reason.CHANGED
    if not changed_names(prior.attributes, desired.attributes, changed):
        reason = Reason.DRIFTED
    change = Change(
        address=desired.address,
        provider=prior.scope.provider,
        action=Action.UPDATE,
        reason=reason,
        scope=_known_scope(desired, prior),
        id=prior.id,
        previous_address=situation.previous.get(desired.address),
        before=before,
        after=desired.attributes,
        changed=changed,
        differences=differences(before, desired.attributes, changed),
        depends_on=desired.references,
        source=desired.source,
        gate=_gate_of_update(situation, before, desired.attributes, changed, kind),
        calls_service=Effect.IN_PLACE in effects.values(),
        desired=desired,
        prior=prior,
    )
    if any(effect in (Effect.REPLACE, Effect.REFUSED) for effect in effects.values()):
        return _replacement(situation, kind, change, effects)
    if observed is not None and observed.incomplete:
        change = replace(change, calls_service=True)
    if _began(situation, prior.address, IntentKind.UPDATE):
        change = replace(change, reason=Reason.RESUMED)
    return _with_rearm(situation, _with_lost_parts(change, observed))


def _adopted(change: Change) -> Change:
    """Let the state remember that the configuration declares from now on what the API made."""
    if change.action is not Action.NO_OP or change.prior is None or change.desired is None:
        return change
    if change.prior.origin is not Origin.API or change.desired.origin is Origin.API:
        return change
    return replace(change, action=Action.UPDATE, reason=Reason.ADOPTED)


def _with_lost_parts(change: Change, observed: Observed | None) -> Change:
    """Say of an update that makes missing parts anew what went with them."""
    if observed is None or not observed.incomplete or change.prior is None:
        return change
    lost = KINDS[change.address.kind].lost_with(change.prior.attributes, observed.incomplete)
    return replace(change, losses=lost) if lost else change


def _learned_something(situation: Situation, prior: ResourceState) -> bool:
    """Tell whether an unfinished update or deletion got somewhere with what no reading may show: to whom numbers are
    assigned."""
    begun = situation.begun.get(prior.address)
    return (
        begun is not None
        and bool(begun.facts)
        and bool(KINDS[prior.address.kind].told_apart_by(prior.attributes))
    )


def _began(situation: Situation, address: Address, kind: IntentKind) -> bool:
    begun = situation.begun.get(address)
    return begun is not None and begun.kind is kind


def _known_scope(desired: Desired, prior: ResourceState) -> Scope:
    """The declared place, with the account that the state remembers where nobody could say it now."""
    if desired.scope.account is None and prior.scope.same_place(desired.scope):
        return replace(desired.scope, account=prior.scope.account)
    return desired.scope


def _replacement(situation: Situation, kind: Kind, change: Change, effects: Mapping[str, Effect]) -> Change:
    before, after = change.before or {}, change.after or {}
    need = kind.gate_of(after)
    action = kind.replacement_of(after)
    if kind.name == "sending_pool" and "pool_name" in change.changed:
        # The names differ, so the new pool can stand before the sets are moved and the old one goes.
        action = Action.REPLACE_CREATE_FIRST
    # What was agreed to was spent when the deletion began; what it loses is lost.
    resumed = _began(situation, change.address, IntentKind.DELETE)
    return replace(
        change,
        action=action,
        reason=Reason.RESUMED if resumed else Reason.CANNOT_UPDATE,
        replace_paths=_paths(effects),
        after_unknown=kind.computed_of(after),
        gate=None if need is None else situation.gate(need),
        losses=() if resumed else kind.losses_of(_left_behind(situation, before)),
        calls_service=True,
    )


def _gate_of_update(
    situation: Situation, before: Attributes, after: Attributes, changed: Collection[str], kind: Kind
) -> Gate | None:
    """Numbers go to another customer profile only once that one is approved; no other update waits for anything."""
    old, new = before.get("customer_profile"), after.get("customer_profile")
    if "customer_profile" not in changed or not isinstance(old, str) or not isinstance(new, str):
        return None
    need = kind.gate_of(after)
    return None if need is None else situation.gate(need)


def _left_behind(situation: Situation, before: Attributes) -> Attributes:
    """What isn't taken along: phone numbers that a line still declares are moved before the old one is deleted."""
    numbers = numbers_of(before)
    lost = [number for number in numbers if number not in situation.wanted_numbers]
    return before if len(lost) == len(numbers) else {**before, "phone_numbers": lost}


def _unchanged(
    situation: Situation, desired: Desired | None, prior: ResourceState, before: Attributes
) -> Change:
    previous = situation.previous.get(prior.address)
    return Change(
        address=prior.address,
        provider=prior.scope.provider,
        action=Action.NO_OP if previous is None else Action.UPDATE,
        reason=Reason.UNCHANGED if previous is None else Reason.RENAMED,
        scope=prior.scope,
        id=prior.id,
        previous_address=previous,
        before=before,
        after=before if desired is None else desired.attributes,
        depends_on=prior.references,
        source=None if desired is None else desired.source,
        calls_service=False,
        desired=desired,
        prior=prior,
    )


def _with_rearm(situation: Situation, change: Change) -> Change:
    """Ask SES to look again where it gave up and our own check finds every record in place."""
    if change.address.kind != "ses_setup" or change.action not in (Action.NO_OP, Action.UPDATE):
        return change
    if not dns_passes(situation.reading.verdicts.get(change.address, ())):
        return change
    observed = situation.observed(change.address)
    statuses = (
        set()
        if observed is None
        else {observed.facts.get("dkim_status"), observed.facts.get("mail_from_status")}
    )
    if "FAILED" not in statuses:
        return change
    if change.action is Action.NO_OP or change.reason is Reason.RENAMED:
        change = replace(change, action=Action.UPDATE, reason=Reason.REARMED)
    return replace(change, changed=(*change.changed, "verification"), calls_service=True)


def _effects(kind: Kind, before: Attributes, after: Attributes, names: Iterable[str]) -> dict[str, Effect]:
    table: Mapping[str, Attribute] = {**kind.attributes_of(before), **kind.attributes_of(after)}
    return {
        name: table[name].effect_of(before.get(name), after.get(name))
        for name in names
        if name in table and before.get(name) != after.get(name)
    }


def _paths(effects: Mapping[str, Effect]) -> tuple[tuple[str | int, ...], ...]:
    return tuple((name,) for name in sorted(effects) if effects[name] in (Effect.REPLACE, Effect.REFUSED))


def regressed(situation: Situation, change: Change) -> bool:
    """Tell whether the gate behind an existing use case is known to have closed, other than by this very plan."""
    if (
        change.prior is None
        or not change.prior.complete
        or change.action not in (Action.NO_OP, Action.UPDATE)
    ):
        return False
    need = KINDS[change.address.kind].gate_of(change.prior.attributes)
    if need is None or need.kind is not GateKind.DNS_VERIFIED or need.on not in situation.reading.observed:
        return False
    facts = situation.reading.observed[need.on].facts
    if facts.get("dkim_status") in ("FAILED", "TEMPORARY_FAILURE") or facts.get("mail_from_status") in (
        "FAILED",
        "TEMPORARY_FAILURE",
    ):
        return True
    if need.on in situation.renewed or need.on in situation.going:
        return False
    return bool(situation.reading.verdicts.get(need.on)) and situation.gate(need).state is GateState.PENDING
