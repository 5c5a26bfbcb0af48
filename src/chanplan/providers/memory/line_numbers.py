"""The numbers of lines in memory: bound by one call each, assigned to a customer profile by another."""

from collections.abc import Iterable, Mapping

from chanplan.model.errors import Rejected
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.kinds.use_case import numbers_held, numbers_of
from chanplan.model.resources import Desired, Identity, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts, Value
from chanplan.ports.provider import Checkpoint
from chanplan.providers.memory.calls import Calls
from chanplan.providers.memory.world import Part


class MemoryLineNumbers:
    """Binds numbers to Applications and assigns them to profiles, and back."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def read(self, identity: Identity, sid: str) -> tuple[Attributes, tuple[str, ...]]:
        """Give the numbers that an Application answers, the one profile that all of them are assigned to, and which of
        its own aren't assigned to any."""
        scope = identity.scope
        owned = {each.name: each for each in self._calls.all(scope, "number")}
        bound = bound_to(sid, owned.values())
        profiles, missing = set(), []
        for number in bound:
            assignment = self._calls.get(scope, "assignment", str(owned[number].attributes["sid"]))
            if assignment is not None:
                profiles.add(str(assignment.attributes["profile_sid"]))
            elif number in numbers_of(identity.attributes):
                missing.append(f"assignment of {number}")
        attributes: dict[str, Value] = {"phone_numbers": bound}
        if len(profiles) == 1 and numbers_of(identity.attributes):
            attributes["customer_profile"] = profiles.pop()
        return attributes, tuple(missing)

    def give(self, desired: Desired, facts: Facts, checkpoint: Checkpoint) -> Facts:
        """Bind and assign the declared numbers, each by a call of its own, and record before each whose it is."""
        scope, known = desired.scope, {**facts, "profile_sid": profile_sid(desired.context)}
        for number in numbers_of(desired.attributes):
            part = self._calls.get(scope, "number", number)
            if part is None:
                raise Rejected(f"{number} isn't owned", code="number_not_owned")
            sid = str(part.attributes["sid"])
            if part.attributes.get("application_sid") != facts["application_sid"]:
                giver = _giver(desired.context, number, part)
                assignment = giver.get("assignment") or _assignment(known, number)
                begun = giver.get("assigning") is True
                # Once it is bound here, nobody can tell any more whose its assignment was.
                _record(known, number, sid, assignment, checkpoint, begun=begun)
                self._calls.put(scope, "number", number, {"application_sid": facts["application_sid"]})
            self._assign(scope, number, sid, known, checkpoint)
        return known

    def take_back(self, desired: Desired, facts: Facts, checkpoint: Checkpoint) -> Facts:
        """Free what the Application answers and isn't declared any more, but what passes to another line."""
        sid, known = str(facts["application_sid"]), dict(facts)
        passed = desired.context.get("passed_numbers")
        kept = {*numbers_of(desired.attributes), *(passed if isinstance(passed, list) else ())}
        owned = {each.name: each for each in self._calls.all(desired.scope, "number")}
        bound = bound_to(sid, owned.values())
        for number in bound:
            if number not in kept:
                self._free(desired.scope, owned[number], facts)
        held = known.get("numbers")
        left = (
            {number: each for number, each in held.items() if number in bound and number in kept}
            if (isinstance(held, Mapping))
            else {}
        )
        if left != (held or {}):
            checkpoint("numbers", {"numbers": left})
        return {**known, "numbers": left}

    def clear(self, prior: ResourceState, sid: str, checkpoint: Checkpoint) -> None:
        """Free all numbers of an Application. Raises `Rejected` before anything is done when some aren't its own."""
        owned = {each.name: each for each in self._calls.all(prior.scope, "number")}
        held = numbers_held(prior.facts)
        bound = bound_to(sid, owned.values())
        others = [
            number for number in bound if number not in held and number not in numbers_of(prior.attributes)
        ]
        if others:
            raise Rejected(f"{sid} answers {', '.join(others)}", code="phone_numbers_assigned")
        for number in bound:
            self._free(prior.scope, owned[number], prior.facts)
            checkpoint("number", {})

    def _assign(
        self, scope: Scope, number: str, sid: str, known: dict[str, Value], checkpoint: Checkpoint
    ) -> None:
        there = self._calls.get(scope, "assignment", sid)
        if there is not None:
            name = str(there.facts["assignment"])
            mine = name == _assignment(known, number) or _begun(known, number)
            if there.attributes["profile_sid"] == known["profile_sid"]:
                _record(known, number, sid, name if mine else None, checkpoint)
                return
            if not mine:
                raise Rejected(f"{number} is on another profile", code="number_on_another_profile")
            self._calls.delete(scope, "assignment", sid)
        _record(known, number, sid, None, checkpoint, begun=True)
        name = f"RA{sid.removeprefix('PN')}"
        attributes = {"profile_sid": known["profile_sid"]}
        self._calls.put(scope, "assignment", sid, attributes, {"assignment": name})
        _record(known, number, sid, name, checkpoint)

    def _free(self, scope: Scope, number: Part, facts: Facts) -> None:
        if _assignment(facts, number.name) is not None or _begun(facts, number.name):
            self._calls.delete(scope, "assignment", str(number.attributes["sid"]))
        self._calls.put(scope, "number", number.name, {"application_sid": None})


def bound_to(sid: str, numbers: Iterable[Part]) -> list[str]:
    """Give the numbers that an Application answers, sorted."""
    return sorted(each.name for each in numbers if each.attributes.get("application_sid") == sid)


def _assignment(facts: Facts, number: str) -> str | None:
    held = numbers_held(facts).get(number)
    return None if held is None else held.assignment


def _begun(facts: Facts, number: str) -> bool:
    held = numbers_held(facts).get(number)
    return held is not None and held.assigning


def _record(
    known: dict[str, Value],
    number: str,
    sid: str,
    assignment: Value,
    checkpoint: Checkpoint,
    *,
    begun: bool = False,
) -> None:
    held = known.get("numbers")
    entry = {"sid": sid, "assignment": assignment, "profile_sid": known["profile_sid"]}
    entry |= {"assigning": True} if begun else {}
    known["numbers"] = {**(held if isinstance(held, Mapping) else {}), number: entry}
    checkpoint("number", {"numbers": known["numbers"], "profile_sid": known["profile_sid"]})


def _giver(context: Facts, number: str, part: Part) -> Mapping[str, Value]:
    """Give the claim of the line of ours that a number comes from, nothing where it is free. Raises `Rejected` when it
    isn't ours to take."""
    holder, trunk = part.attributes.get("application_sid"), part.attributes.get("trunk_sid")
    if holder is None and trunk is None:
        return {}
    taken = context.get("taken")
    claims = taken.get(number) if isinstance(taken, Mapping) else None
    for claim in claims if isinstance(claims, list) else ():
        if isinstance(claim, Mapping) and claim.get("application_sid") == holder:
            return claim
    raise Rejected(f"{number} is answered by {holder or trunk}", code="number_bound_elsewhere")
