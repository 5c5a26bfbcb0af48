"""The numbers of lines in memory: bound by one call each, assigned to a customer profile by another."""

from collections.abc import Collection, Iterable, Mapping

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
        """Bind and assign the declared numbers, each by a call of its own."""
        profile = profile_sid(desired.context)
        known: dict[str, Value] = dict(facts)
        for number in numbers_of(desired.attributes):
            claims = _claims(desired.context, number)
            sid = self._bind(desired.scope, number, str(facts["application_sid"]), claims)
            assignment = self._assign(desired.scope, number, sid, profile, known, claims, checkpoint)
            held = known.get("numbers")
            known["numbers"] = {
                **(held if isinstance(held, Mapping) else {}),
                number: {"sid": sid, "assignment": assignment},
            }
            known["profile_sid"] = profile
            checkpoint("number", {"numbers": known["numbers"], "profile_sid": profile})
        known.pop("assigning", None)
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
                self._free(desired.scope, owned[number], numbers_held(facts).get(number))
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
            self._free(prior.scope, owned[number], held.get(number))
            checkpoint("number", {})

    def _bind(self, scope: Scope, number: str, sid: str, claims: Collection[Mapping[str, Value]]) -> str:
        part = self._calls.get(scope, "number", number)
        if part is None:
            raise Rejected(f"{number} isn't owned", code="number_not_owned")
        holder, trunk = part.attributes.get("application_sid"), part.attributes.get("trunk_sid")
        is_free = holder is None and trunk is None
        if holder != sid and not is_free and holder not in {claim.get("application_sid") for claim in claims}:
            raise Rejected(f"{number} is answered by {holder or trunk}", code="number_bound_elsewhere")
        if holder != sid:
            self._calls.put(scope, "number", number, {"application_sid": sid})
        return str(part.attributes["sid"])

    def _assign(
        self,
        scope: Scope,
        number: str,
        sid: str,
        profile: str,
        known: Facts,
        claims: Iterable[Mapping[str, Value]],
        checkpoint: Checkpoint,
    ) -> str | None:
        there = self._calls.get(scope, "assignment", sid)
        ours = {claim.get("assignment") for claim in claims} | {numbers_held(known).get(number)}
        begun = known.get("assigning")
        if there is not None:
            name = str(there.facts["assignment"])
            mine = name in ours or (isinstance(begun, list) and number in begun)
            if there.attributes["profile_sid"] == profile:
                return name if mine else None
            if not mine:
                raise Rejected(f"{number} is on another profile", code="number_on_another_profile")
            self._calls.delete(scope, "assignment", sid)
        checkpoint("assigning", {"assigning": [number]})
        name = f"RA{sid.removeprefix('PN')}"
        self._calls.put(scope, "assignment", sid, {"profile_sid": profile}, {"assignment": name})
        return name

    def _free(self, scope: Scope, number: Part, assignment: str | None) -> None:
        if assignment is not None:
            self._calls.delete(scope, "assignment", str(number.attributes["sid"]))
        self._calls.put(scope, "number", number.name, {"application_sid": None})


def bound_to(sid: str, numbers: Iterable[Part]) -> list[str]:
    """Give the numbers that an Application answers, sorted."""
    return sorted(each.name for each in numbers if each.attributes.get("application_sid") == sid)


def _claims(context: Facts, number: str) -> list[Mapping[str, Value]]:
    taken = context.get("taken")
    claims = taken.get(number) if isinstance(taken, Mapping) else None
    return [claim for claim in claims if isinstance(claim, Mapping)] if isinstance(claims, list) else []
