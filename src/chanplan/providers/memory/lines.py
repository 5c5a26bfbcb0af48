"""Voice use cases in memory: Applications without any mark, and numbers that they answer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from chanplan.model.addresses import Address
from chanplan.model.errors import Foreign, Gone, OutcomeUnknown, Rejected
from chanplan.model.numbers import NumberSeen
from chanplan.model.resources import Depth, Desired, Identity, Marks, Observed, ResourceState, identity_of
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts, Value
from chanplan.ports.clock import Clock
from chanplan.ports.provider import Checkpoint
from chanplan.providers.memory.calls import Calls
from chanplan.providers.memory.facts import facts_of
from chanplan.providers.memory.line_numbers import MemoryLineNumbers, bound_to
from chanplan.providers.memory.world import MemoryWorld, Part, key_of

BELIEVED_AFTER = 5.0
"""Seconds after which a list is believed to show what was made (design 7)."""
_CARRIED = ("entity_name", "name", "voice")


class MemoryLines:
    """Voice use cases: found by SID, or by a name that others may have too."""

    def __init__(
        self, world: MemoryWorld, calls: Calls, clock: Clock, workspace: str, list_lag: float
    ) -> None:
        self._world = world
        self._calls = calls
        self._clock = clock
        self._workspace = workspace
        self._list_lag = list_lag
        self._numbers = MemoryLineNumbers(calls)

    def look_up(self, scope: Scope, numbers: Collection[str]) -> Mapping[str, NumberSeen | None]:
        """Tell what is known of numbers, by one list."""
        owned = {each.name: each for each in self._calls.all(scope, "number")}
        return {number: _seen(owned.get(number)) for number in numbers}

    def read_all(self, scope: Scope, wanted: Sequence[Identity]) -> Mapping[Address, Observed]:
        """Find the wanted lines in two lists."""
        applications = self._listed(scope)
        numbers = list(self._calls.all(scope, "number"))
        by_sid = {each.name: each for each in applications}
        found: dict[Address, Observed] = {}
        for identity in wanted:
            sid = identity.facts.get("application_sid")
            if isinstance(sid, str):
                application = by_sid.get(sid)
                if application is not None:
                    attributes = {**_carried(application), "phone_numbers": bound_to(sid, numbers)}
                    facts = {"application_sid": sid}
                    found[identity.address] = Observed(attributes, facts, self._clock.now(), Depth.LISTED)
            elif any(_named(each, identity.attributes) for each in applications):
                found[identity.address] = Observed({}, {}, self._clock.now(), Depth.LISTED)
        return found

    def read(self, identity: Identity) -> Observed | None:
        """Read one line: by its SID, or as the one that came into being since its create began."""
        sid = identity.facts.get("application_sid")
        if isinstance(sid, str):
            return self._read(identity, sid)
        before = identity.facts.get("applications_before")
        if not isinstance(before, list):
            strangers = self._of_name(identity.scope, identity.attributes)
            return self._unclear(strangers, Marks(None, None)) if strangers else None
        new = self._new(identity.scope, identity.attributes, identity.facts, before)
        if len(new) > 1:
            return self._unclear(new, None)
        return self._read(identity, new[0]) if new else None

    def create(self, desired: Desired, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make the Application, unless an earlier attempt did, and give it its numbers."""
        scope, sid = desired.scope, partial.get("application_sid")
        there = self._calls.get(scope, "application", sid) if isinstance(sid, str) else None
        if not isinstance(sid, str) or there is None:
            sid = self._make(desired, partial, checkpoint)
        elif _carried(there) != _wanted(desired):
            self._calls.put(scope, "application", sid, _wanted(desired))
        facts = {"application_sid": sid, **_kept(partial)}
        return self._numbers.give(desired, facts, checkpoint)

    def update(
        self, prior: ResourceState, desired: Desired, changed: Collection[str], checkpoint: Checkpoint
    ) -> Facts:
        """Change the Application if it must be, and see to its numbers."""
        sid = self._sid(prior)
        application = None if sid is None else self._calls.get(desired.scope, "application", sid)
        if sid is None or application is None:
            raise Gone(f"{desired.address} isn't there any more")
        if not set(_CARRIED).isdisjoint(changed) and _carried(application) != _wanted(desired):
            self._calls.put(desired.scope, "application", sid, _wanted(desired))
            checkpoint("application", {})
        facts = {"application_sid": sid, **_kept(prior.facts)}
        facts = dict(self._numbers.give(desired, facts, checkpoint))
        return self._numbers.take_back(desired, facts, checkpoint)

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Unbind its numbers and delete the Application, unless it answers numbers of others."""
        sid = self._sid(prior)
        if sid is None or self._calls.get(prior.scope, "application", sid) is None:
            return
        self._numbers.clear(prior, sid, checkpoint)
        self._calls.delete(prior.scope, "application", sid)
        checkpoint("application", {})

    def _sid(self, prior: ResourceState) -> str | None:
        seen = self.read(identity_of(prior)) if "application_sid" not in prior.facts else None
        sid = prior.facts.get("application_sid") if seen is None else seen.facts.get("application_sid")
        return sid if isinstance(sid, str) else None

    def _make(self, desired: Desired, partial: Facts, checkpoint: Checkpoint) -> str:
        scope, before = desired.scope, partial.get("applications_before")
        if isinstance(before, list):
            new = self._new(scope, desired.attributes, partial, before)
            if len(new) > 1:
                raise Rejected(f"Several Applications could be {desired.address}: {new}", code="ambiguous")
            if new:
                checkpoint("application", {"application_sid": new[0]})
                return new[0]
        else:
            before = self._of_name(scope, desired.attributes)
            replaced = partial.get("replaces")
            known = replaced if isinstance(replaced, list) else []
            strangers = [sid for sid in before if sid not in known and self._is_named(desired, sid)]
            # A list may not show yet what is replaced, and show it later as if it were new.
            before = sorted({*before, *map(str, known)})
            if strangers:
                raise Foreign(f"Applications of the name of {desired.address} exist: {', '.join(strangers)}")
        asked: Facts = {
            "applications_before": before,
            "asked": {"origin": self._clock.origin(), "seconds": self._clock.monotonic()},
        }
        checkpoint("asked", asked)
        try:
            sid = self._post(desired)
        except OutcomeUnknown:
            new = self._new(scope, desired.attributes, asked, before)
            if len(new) != 1:
                raise
            (sid,) = new
        checkpoint("application", {"application_sid": sid})
        return sid

    def _post(self, desired: Desired) -> str:
        def act() -> str:
            facts = facts_of("application", "", self._world.serial(), self._clock.now())
            sid = str(facts["application_sid"])
            made = Part(sid, attributes=_wanted(desired), facts=facts, made_at=self._clock.now().timestamp())
            self._world.put(key_of(desired.scope, "application", sid), made)
            return sid

        name = _name(desired.attributes)
        return self._calls.make(desired.scope, "create_application", name, act, repeatable=False)

    def _new(
        self, scope: Scope, attributes: Attributes, facts: Facts, before: Collection[Value]
    ) -> list[str]:
        """Give the Applications of a name that weren't there before, as lists tell once they are believed."""
        found = [sid for sid in self._of_name(scope, attributes) if sid not in before]
        if not found and (left := self._until_believed(facts.get("asked"))) > 0:
            self._clock.sleep(left)
            found = [sid for sid in self._of_name(scope, attributes) if sid not in before]
        return found

    def _until_believed(self, asked: Value) -> float:
        """Give the seconds until lists are believed: all of them where another clock measured the time."""
        if not isinstance(asked, Mapping) or asked.get("origin") != self._clock.origin():
            return BELIEVED_AFTER
        seconds = asked.get("seconds")
        return BELIEVED_AFTER - (
            self._clock.monotonic() - seconds if isinstance(seconds, int | float) else 0.0
        )

    def _is_named(self, desired: Desired, sid: str) -> bool:
        application = self._calls.get(desired.scope, "application", sid)
        return application is not None and _named(application, desired.attributes)

    def _of_name(self, scope: Scope, attributes: Attributes) -> list[str]:
        return sorted(each.name for each in self._listed(scope) if _named(each, attributes))

    def _listed(self, scope: Scope) -> list[Part]:
        if not self._list_lag:
            return list(self._calls.all(scope, "application"))
        old_enough = (self._clock.now() - timedelta(seconds=self._list_lag)).timestamp()
        return [each for each in self._calls.all(scope, "application") if each.made_at <= old_enough]

    def _read(self, identity: Identity, sid: str) -> Observed | None:
        application = self._calls.get(identity.scope, "application", sid)
        if application is None:
            return None
        attributes, missing = self._numbers.read(identity, sid)
        return Observed(
            {**_carried(application), **attributes},
            {"application_sid": sid},
            self._clock.now(),
            Depth.DIRECT,
            Marks(identity.id, self._workspace),
            incomplete=missing,
        )

    def _unclear(self, candidates: Sequence[str], marks: Marks | None) -> Observed:
        return Observed({}, {}, self._clock.now(), Depth.DIRECT, marks, candidates=tuple(candidates))


def _name(attributes: Attributes) -> str:
    return f"{attributes['entity_name']}/{attributes['name']}"


def _named(application: Part, attributes: Attributes) -> bool:
    return _name(application.attributes) == _name(attributes)


def _carried(application: Part) -> dict[str, Value]:
    return {name: application.attributes[name] for name in _CARRIED}


def _wanted(desired: Desired) -> dict[str, Value]:
    return {name: desired.attributes[name] for name in _CARRIED}


def _kept(facts: Facts) -> dict[str, Value]:
    return {name: facts[name] for name in ("numbers", "profile_sid") if name in facts}


def _seen(number: Part | None) -> NumberSeen | None:
    if number is None:
        return None
    application, trunk = number.attributes.get("application_sid"), number.attributes.get("trunk_sid")
    return NumberSeen(
        str(number.attributes["sid"]),
        application if isinstance(application, str) else None,
        trunk if isinstance(trunk, str) else None,
        number.attributes.get("voice_capable") is not False,
    )
