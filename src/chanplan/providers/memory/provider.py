"""The in-memory provider: objects made part by part, each by a call of its own."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from chanplan.model.addresses import Address
from chanplan.model.discoveries import Discovered
from chanplan.model.errors import Foreign, Gone, Rejected
from chanplan.model.plans import Action, Change
from chanplan.model.problems import Problem
from chanplan.model.resources import (
    Depth,
    Desired,
    Identity,
    Marks,
    Observed,
    ResourceState,
    identity_of,
)
from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts, Value
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer
from chanplan.ports.provider import Checkpoint
from chanplan.providers.memory.facts import facts_of, statuses_of
from chanplan.providers.memory.parts import ABSENT, PartKind, parts_of
from chanplan.providers.memory.world import Key, MemoryWorld, Part, key_of

T = TypeVar("T")

PAGE = 100
"""Objects on a page of a list."""
REARM = "verification"
"""The pseudo-attribute that asks to restart what expired (ports/provider.py)."""
SENDING = "sending"
"""Among what changes: the tenant's mail is stopped or goes on, and nothing else."""

_ALREADY_EXISTS = "already_exists"

_TELLING = {
    ("ses_setup", "ses"): "association",
    ("sending_pool", "ses"): "pool",
    ("use_case", "ses"): "configuration_set",
}
"""The part by whose name an object can be imported."""


@dataclass(frozen=True, slots=True)
class Place:
    """One part of one object: what kind of part, and where it is or would be."""

    kind: PartKind
    key: Key
    name: str


class MemoryProvider:
    """Implements `ports.provider.Provider` for the kinds of SES. `list_lag` is the age in seconds from which objects
    are found in lists."""

    def __init__(
        self, world: MemoryWorld, pacer: Pacer, clock: Clock, workspace: str, *, list_lag: float = 0.0
    ) -> None:
        self._world = world
        self._pacer = pacer
        self._clock = clock
        self._workspace = workspace
        self._list_lag = list_lag

    def check(self, desired: Desired) -> Sequence[Problem]:
        """Refuse nothing: this service has no ceilings."""
        del desired
        return ()

    def read_all(self, kind: str, scope: Scope, wanted: Sequence[Identity]) -> Mapping[Address, Observed]:
        """Look the wanted objects up in pages of lists."""
        for page in range(max(1, -(-len(wanted) // PAGE))):
            self._call(scope, f"list_{kind}", str(page), lambda: None, repeatable=True)
        found = {}
        for identity in wanted:
            observed = self._listed(identity)
            if observed is not None:
                found[identity.address] = observed
        return found

    def read(self, identity: Identity) -> Observed | None:
        """Read every part of one object."""
        places = _places(identity.address.kind, identity.attributes, identity.context, identity.scope)
        found = {place.kind.part: self._get(identity.scope, place) for place in places}
        present = [place for place in places if found[place.kind.part] is not None]
        if not present:
            return None
        attributes: dict[str, Value] = {}
        facts: dict[str, Value] = {}
        for place in places:
            part = found[place.kind.part]
            if part is not None:
                attributes |= part.attributes
                facts |= {**part.facts, **part.statuses}
            elif place.kind.optional and place.kind.optional in identity.attributes:
                attributes[place.kind.optional] = ABSENT[place.kind.optional]
        return Observed(
            attributes=attributes,
            facts=facts,
            read_at=self._clock.now(),
            depth=Depth.DIRECT,
            marks=_marks(places, found, identity.id),
            carried=tuple(
                Marks(part.id, part.workspace)
                for place in places
                if place.kind.marked and (part := found[place.kind.part]) is not None and part.id is not None
            ),
            incomplete=tuple(
                place.kind.part
                for place in places
                if found[place.kind.part] is None and not place.kind.optional
            ),
        )

    def discover(self, kinds: Collection[str], scope: Scope) -> Iterable[Discovered]:
        """List all objects of some kinds."""
        return [found for kind in sorted(kinds) for found in self._discovered(kind, scope)]

    def _discovered(self, kind: str, scope: Scope) -> Iterable[Discovered]:
        """List all objects of a kind by the part that makes them one."""
        self._call(scope, f"list_{kind}", "0", lambda: None, repeatable=True)
        parts = self._world.parts()
        for key, part in parts.items():
            if key.part != _TELLING[kind, scope.provider] or key[:3] != scope.place:
                continue
            # An association carries no mark of its own: it is the setup's domain that is ours or not.
            root = parts[part.uses[-1]] if key.part == "association" else part
            yield Discovered(
                kind, part.name, scope, Marks(root.id, root.workspace), root.attributes, root.facts
            )

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make the parts, adopting what carries our id."""
        facts: dict[str, Value] = dict(partial)
        for place in _wanted(desired):
            if place.kind.marked:
                part = self._create_marked(desired, place, id)
            else:
                part = self._put(desired, place)
            facts |= part.facts
            checkpoint(place.kind.part, part.facts)
        return facts

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Change what changed and make what is missing."""
        places = _places(desired.address.kind, desired.attributes, desired.context, desired.scope)
        found = {place.kind.part: self._get(desired.scope, place) for place in places}
        if all(part is None for part in found.values()):
            raise Gone(f"{desired.address} isn't there any more")
        self._refuse_foreign(places, found, prior.id)
        if SENDING in changed:
            return self._switch(prior, desired, next(each for each in places if each.kind.part == "tenant"))
        return self._bring_up(prior, desired, changed, checkpoint, places, found)

    def _switch(self, prior: ResourceState, desired: Desired, tenant: Place) -> Facts:
        def act() -> Facts:
            self._world.report(tenant.key, sending_status_by_us=desired.attributes[SENDING])
            return prior.facts

        return self._call(desired.scope, "put_sending", tenant.name, act, repeatable=True)

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: frozenset[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Mark what is there, and make the rest."""
        places = _places(desired.address.kind, desired.attributes, desired.context, desired.scope)
        found = {place.kind.part: self._get(desired.scope, place) for place in places}
        if all(part is None for part in found.values()):
            raise Gone(f"{desired.address} isn't there any more")
        marked = {place.kind.part: place for place in places if place.kind.marked}
        for name, place in marked.items():
            part = found[name]
            if part is not None and part.id not in {None, prior.id, *taken_from}:
                raise _foreign(place, part)
        facts: dict[str, Value] = dict(prior.facts)
        for name, place in marked.items():
            part = found[name]
            if part is not None and part.id != prior.id:
                found[name] = part = self._mark(desired.scope, place, prior.id)
                checkpoint(f"mark of {name}", {})
        for part in found.values():
            facts |= {} if part is None else part.facts
        return self._bring_up(replace(prior, facts=facts), desired, changed, checkpoint, places, found)

    def _mark(self, scope: Scope, place: Place, id: str) -> Part:
        def act() -> Part:
            part = self._world.get(place.key)
            if part is None:
                raise Gone(f"{place.name} isn't there any more")
            marked = replace(part, id=id, workspace=self._workspace)
            self._world.put(place.key, marked)
            return marked

        return self._call(scope, f"tag_{place.kind.part}", place.name, act, repeatable=True)

    def _bring_up(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        checkpoint: Checkpoint,
        places: Sequence[Place],
        found: Mapping[str, Part | None],
    ) -> Facts:
        facts: dict[str, Value] = dict(prior.facts)
        for place in places:
            part, wanted = found[place.kind.part], place.kind.wanted(desired.attributes)
            if not wanted:
                if part is not None:
                    self._remove(desired.scope, place)
                    checkpoint(place.kind.part, {})
                continue
            rearmed = REARM in changed and place.kind.part == "identity"
            if part is not None and not rearmed and not set(changed) & set(place.kind.holds):
                continue
            if part is None and place.kind.marked:
                part = self._create_marked(desired, place, prior.id)
            else:
                part = self._put(desired, place, rearmed=rearmed)
            facts |= part.facts
            checkpoint(place.kind.part, part.facts)
        return facts

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take the parts down, last made first; what isn't ours stays."""
        identity = identity_of(prior)
        places = _places(prior.address.kind, prior.attributes, prior.context, prior.scope)
        marked = {place.kind.part: self._get(prior.scope, place) for place in places if place.kind.marked}
        ours = {name for name, part in marked.items() if part is not None and part.id == identity.id}
        foreign = {name for name, part in marked.items() if part is not None} - ours
        if foreign and not ours:
            raise Foreign(f"{prior.address} carries no mark of ours")
        for place in reversed(places):
            if (place.kind.of or place.kind.part) in foreign:
                continue
            self._remove(prior.scope, place)
            checkpoint(place.kind.part, {})

    def cost(self, change: Change) -> Mapping[str, int]:
        """Count the calls of the halves of a change, as things go when nothing is missing or there already."""
        calls: Counter[str] = Counter()
        kind, after = change.address.kind, change.after or {}
        if not change.calls_service:
            return calls
        if change.switch is not None:
            return Counter({**{f"get_{part.part}": 1 for part in parts_of(kind)}, "put_sending": 1})
        if change.action is Action.UPDATE:
            for part in parts_of(kind):
                calls[f"get_{part.part}"] += 1
                if change.importing is not None and change.id is None and part.marked:
                    calls[f"tag_{part.part}"] += 1
                if set(change.changed) & set(part.holds):
                    calls[f"{'put' if part.wanted(after) else 'delete'}_{part.part}"] += 1
        if change.action is Action.CREATE or change.action.replaces:
            for part in parts_of(kind):
                if part.wanted(after):
                    calls[f"{'create' if part.marked else 'put'}_{part.part}"] += 1
        if change.action.destroys:
            for part in parts_of(kind):
                calls[f"get_{part.part}"] += 2 if part.marked else 1
                calls[f"delete_{part.part}"] += 1
        return calls

    def _create_marked(self, desired: Desired, place: Place, id: str) -> Part:
        wanted = self._part(desired, place, id)

        def act() -> Part:
            if self._world.get(place.key) is not None:
                raise Rejected(f"{place.kind.part} {place.name} already exists", code=_ALREADY_EXISTS)
            made = replace(
                wanted,
                facts=facts_of(place.kind.part, place.name, self._world.serial(), self._clock.now()),
                statuses=statuses_of(place.kind.part),
                made_at=self._clock.now().timestamp(),
            )
            self._world.put(place.key, made)
            return made

        try:
            return self._call(desired.scope, f"create_{place.kind.part}", place.name, act, repeatable=False)
        except Rejected as error:
            if error.code != _ALREADY_EXISTS:
                raise
        part = self._get(desired.scope, place)
        if part is None or part.id != id:
            raise _foreign(place, part)
        if part.attributes == wanted.attributes:
            return part
        return self._put(desired, place)

    def _put(self, desired: Desired, place: Place, *, rearmed: bool = False) -> Part:
        def act() -> Part:
            there = self._world.get(place.key)
            wanted = self._part(desired, place, None if there is None else there.id)
            if there is None:
                facts = facts_of(place.kind.part, place.name, self._world.serial(), self._clock.now())
                statuses = statuses_of(place.kind.part)
                made = replace(wanted, facts=facts, statuses=statuses)
            else:
                made = replace(wanted, facts=there.facts, statuses=there.statuses, workspace=there.workspace)
            if rearmed:
                made = replace(
                    made,
                    facts={**made.facts, "verification_started_at": self._clock.now().isoformat()},
                    statuses=statuses_of(place.kind.part),
                )
            self._world.put(place.key, made)
            return made

        return self._call(desired.scope, f"put_{place.kind.part}", place.name, act, repeatable=True)

    def _part(self, desired: Desired, place: Place, id: str | None) -> Part:
        return Part(
            name=place.name,
            id=id,
            workspace=None if id is None else self._workspace,
            attributes={
                name: desired.attributes[name] for name in place.kind.holds if name in desired.attributes
            },
            uses=place.kind.uses(desired.attributes, desired.context, desired.scope),
        )

    def _get(self, scope: Scope, place: Place) -> Part | None:
        return self._call(
            scope, f"get_{place.kind.part}", place.name, lambda: self._world.get(place.key), repeatable=True
        )

    def _remove(self, scope: Scope, place: Place) -> None:
        self._call(
            scope,
            f"delete_{place.kind.part}",
            place.name,
            lambda: self._world.remove(place.key),
            repeatable=True,
        )

    def _call(self, scope: Scope, operation: str, name: str, act: Callable[[], T], *, repeatable: bool) -> T:
        return self._pacer.call(
            scope, operation, lambda: self._world.call(operation, name, act), repeatable=repeatable
        )

    def _refuse_foreign(self, places: Sequence[Place], found: Mapping[str, Part | None], id: str) -> None:
        for place in places:
            part = found[place.kind.part]
            if place.kind.marked and part is not None and part.id != id:
                raise _foreign(place, part)

    def _listed(self, identity: Identity) -> Observed | None:
        old_enough = (self._clock.now() - timedelta(seconds=self._list_lag)).timestamp()
        facts: dict[str, Value] = {}
        missing = []
        roots = [
            place
            for place in _places(identity.address.kind, identity.attributes, identity.context, identity.scope)
            if place.kind.marked
        ]
        for place in roots:
            part = self._world.get(place.key)
            if part is None or (self._list_lag and part.made_at > old_enough):
                missing.append(place.kind.part)
            else:
                facts |= {**part.facts, **part.statuses}
        if len(missing) == len(roots):
            return None
        return Observed({}, facts, self._clock.now(), Depth.LISTED, incomplete=tuple(missing))


def _places(kind: str, attributes: Attributes, context: Facts, scope: Scope) -> list[Place]:
    places = []
    for part in parts_of(kind):
        name = part.named(attributes, context)
        places.append(Place(part, key_of(scope, part.part, name), name))
    return places


def _wanted(desired: Desired) -> list[Place]:
    places = _places(desired.address.kind, desired.attributes, desired.context, desired.scope)
    return [place for place in places if place.kind.wanted(desired.attributes)]


def _marks(places: Sequence[Place], found: Mapping[str, Part | None], id: str | None) -> Marks:
    """Give our mark where any part carries it, else the first that there is."""
    marked = [part for place in places if place.kind.marked and (part := found[place.kind.part]) is not None]
    ours = [part for part in marked if id is not None and part.id == id]
    part = next(iter(ours or marked), None)
    return Marks(None, None) if part is None else Marks(part.id, part.workspace)


def _foreign(place: Place, part: Part | None) -> Foreign:
    return Foreign(
        f"{place.kind.part} {place.name} exists and isn't ours",
        remedy="Import it, or choose another name.",
        owner_id=None if part is None else part.id,
        owner_workspace=None if part is None else part.workspace,
    )
