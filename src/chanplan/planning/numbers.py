"""Phone numbers: whose they are, to whom they pass, and which may not be taken."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.kinds.use_case import numbers_held, numbers_of
from chanplan.model.numbers import NumberSeen
from chanplan.model.plans import Action, Change, Refusal
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import IntentKind, Snapshot
from chanplan.model.values import Attributes, Facts
from chanplan.planning.situation import Situation


def wanted_by(desired: Mapping[Address, Desired]) -> Mapping[str, Address]:
    """Give the numbers that are declared, with who declares them."""
    return {number: address for address, each in desired.items() for number in numbers_of(each.attributes)}


def known_objects(snapshot: Snapshot) -> frozenset[str]:
    """Give what the services call the objects of ours that carry no mark: those in state, and those that an open
    intent still knows."""
    known = set()
    for resource in snapshot.resources.values():
        known.add(told_apart(resource))
    for intent in snapshot.intents:
        if intent.kind is IntentKind.IMPORT:
            # Only what is still to be imported is ours to be; the plan adds that.
            continue
        if intent.prior is not None:
            known.add(told_apart(intent.prior))
        if intent.desired is not None:
            known.add(
                _text(intent.facts, KINDS[intent.address.kind].told_apart_by(intent.desired.attributes))
            )
    return frozenset(known - {""})


def known_numbers(prior: ResourceState) -> frozenset[str]:
    """Give the numbers of a line as the state knows them: declared at the last success, or taken by us at any time."""
    return frozenset(numbers_of(prior.attributes)).union(numbers_held(prior.facts))


def with_profile(line: Desired, resources: Mapping[Address, Desired]) -> Desired:
    """Give a line that has numbers with the customer profile that they are assigned to among its attributes; anything
    else as it is."""
    setup = resources.get(line.references[0]) if numbers_of(line.attributes) and line.references else None
    if setup is None:
        return line
    return replace(line, attributes={**line.attributes, "customer_profile": profile_sid(setup.attributes)})


def as_remembered(situation: Situation, prior: ResourceState, now: Attributes) -> list[str] | None:
    """Give the numbers of a line as read, but for what passes to another line: a number counts as held until the line
    itself was written without it, whoever it is bound to meanwhile. None when nothing passes.

    So a run that was killed between the two lines is repeated as the change that was reviewed.
    """
    numbers, held = numbers_of(now), numbers_of(prior.attributes)
    passes = [
        number
        for number in {*numbers, *held}
        if (number in held) != (number in numbers)
        and situation.wanted_numbers.get(number, prior.address) != prior.address
    ]
    if not passes:
        return None
    return sorted(number for number in {*numbers, *held} if number in (held if number in passes else numbers))


def with_passes(situation: Situation, change: Change) -> Change:
    """Note in the change of a line which of its numbers other lines take, and where those were seen that it takes."""
    if change.after is None or not change.calls_service or change.action is Action.NO_OP:
        return change
    prior, after = change.prior, numbers_of(change.after)
    held = frozenset() if prior is None else known_numbers(prior).union(numbers_of(_seen(situation, prior)))
    passed = [
        number for number in held if situation.wanted_numbers.get(number, change.address) != change.address
    ]
    looked_up = situation.reading.numbers.get(change.scope.place, {})
    own = "" if prior is None else told_apart(prior)
    seen_at = {
        number: seen.application_sid
        for number in after
        if (seen := looked_up.get(number)) is not None
        and seen.application_sid in situation.known_objects - {own}
    }
    if not passed and not seen_at:
        return change
    return replace(change, passed_numbers=tuple(sorted(passed)), seen_numbers=seen_at)


def number_refusals(situation: Situation, changes: Iterable[Change]) -> tuple[Refusal, ...]:
    """Refuse numbers that can't be taken, and to delete a line that answers numbers which chanplan didn't bind."""
    refusals: list[Refusal] = []
    for change in changes:
        if change.after is not None and change.calls_service:
            looked_up = situation.reading.numbers.get(change.scope.place, {})
            refusals.extend(
                refusal
                for number in numbers_of(change.after)
                if number in looked_up
                and (refusal := _not_to_be_had(situation, change, number, looked_up[number])) is not None
            )
        if change.action.destroys:
            refusals.extend(_answering(situation, change))
    return tuple(refusals)


def _not_to_be_had(
    situation: Situation, change: Change, number: str, seen: NumberSeen | None
) -> Refusal | None:
    account = change.scope.account
    if seen is None:
        return Refusal(
            "number_not_owned",
            change.address,
            f"{change.address} asks for {number}, which account {account} doesn't own.",
            "Buy it there first (chanplan buys and releases no numbers), or correct phone_numbers.",
        )
    holder = None
    if seen.trunk_sid is not None:
        holder = f"takes the calls of SIP trunk {seen.trunk_sid}"
    elif seen.application_sid is not None and seen.application_sid not in situation.known_objects:
        holder = f"is answered by Application {seen.application_sid}, which isn't chanplan's"
    if holder is not None:
        return Refusal(
            "number_bound_elsewhere",
            change.address,
            f"{change.address} asks for {number} ({seen.sid}), which {holder}.",
            "Unbind it in the Twilio Console, if nobody needs it there, or take it out of phone_numbers.",
        )
    if not seen.voice_capable:
        return Refusal(
            "number_without_voice",
            change.address,
            f"{change.address} asks for {number} ({seen.sid}), which takes no calls.",
            "Choose a number with the capability voice.",
        )
    return None


def _answering(situation: Situation, change: Change) -> Iterator[Refusal]:
    observed = situation.observed(change.address)
    if change.prior is None or observed is None:
        return
    ours = known_numbers(change.prior)
    # What another line takes has left by then.
    others = sorted(
        number
        for number in numbers_of(observed.attributes)
        if number not in ours and number not in situation.wanted_numbers
    )
    if others:
        yield Refusal(
            "phone_numbers_assigned",
            change.address,
            f"{change.address} would be deleted while numbers are assigned to it that chanplan didn't assign: "
            f"{', '.join(others)}.",
            "Unassign them at Twilio, or add them to its phone_numbers, first.",
        )


def _seen(situation: Situation, prior: ResourceState) -> Attributes:
    observed = situation.observed(prior.address)
    return {} if observed is None else observed.attributes


def told_apart(resource: ResourceState) -> str:
    """Give what the service calls an object that carries no mark; empty where it carries one."""
    return _text(resource.facts, KINDS[resource.address.kind].told_apart_by(resource.attributes))


def _text(facts: Facts, name: str) -> str:
    value = facts.get(name) if name else None
    return value if isinstance(value, str) else ""
