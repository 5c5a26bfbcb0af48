"""Which lines of ours hold, or once held, which phone numbers: a line may take a number from another one of ours only."""

from collections.abc import Mapping

from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.kinds.use_case import HeldNumber, numbers_held, numbers_of
from chanplan.model.plans import Change
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Snapshot
from chanplan.model.values import Facts, Value


class HeldNumbers:
    """Remembers every claim that the state knows, by number and by the service's name of the line.

    A claim isn't the truth: a line that gave a number away keeps it until it is written next. Which claim counts, the
    number itself tells at the service.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._claims: dict[str, dict[str, Mapping[str, Value]]] = {}
        for resource in snapshot.resources.values():
            self.learn(resource)
        for intent in snapshot.intents:
            if intent.prior is not None:
                self._learn(intent.prior, {**intent.prior.facts, **intent.facts})

    def learn(self, resource: ResourceState) -> None:
        """Remember what a line holds by now."""
        self._learn(resource, resource.facts)

    def claims(self, change: Change, facts: Facts) -> dict[str, Value]:
        """Give the claims of other lines of ours on the numbers that a change declares, by number: as the state knows
        them, and as the plan has seen them. `facts` tell which line is the change's own."""
        found: dict[str, Value] = {}
        for number in numbers_of(change.after or {}):
            claims = dict(self._claims.get(number, {}))
            seen = change.seen_numbers.get(number)
            if seen is not None and seen not in claims:
                claims[seen] = _claim(seen, HeldNumber(None, None))
            own = facts.get("application_sid")
            others = [claims[name] for name in sorted(claims) if name != own]
            if others:
                found[number] = others
        return found

    def _learn(self, resource: ResourceState, facts: Facts) -> None:
        fact = KINDS[resource.address.kind].told_apart_by(resource.attributes)
        name = facts.get(fact) if fact else None
        if not isinstance(name, str):
            return
        held = numbers_held(facts)
        unknown = HeldNumber(None, profile_sid(resource.context) or None)
        for number in {*held, *numbers_of(resource.attributes)}:
            self._claims.setdefault(number, {})[name] = _claim(name, held.get(number, unknown))


def _claim(application: str, held: HeldNumber) -> Mapping[str, Value]:
    return {
        "application_sid": application,
        "assignment": held.assignment,
        "profile_sid": held.profile_sid,
        **({"assigning": True} if held.assigning else {}),
    }
